import type { Track } from '../state/histories.ts';
import { spanOf } from './span.ts';

/** When the first of all that there is was measured, while that is less than the charts of `track` are to show. */
export function beganAt(track: Track | undefined): number | null {
  void track?.version.value;
  const first = track?.history.at[0];
  if (!track || first === undefined) return null;
  const { from, to } = spanOf(track);
  return to - from < track.minutes * 60_000 ? first : null;
}
