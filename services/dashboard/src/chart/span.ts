import { now } from '../state/clock.ts';
import { nodeOf } from '../state/fleet.ts';
import type { Track } from '../state/histories.ts';
import { shownSpan } from '../series/shown-span.ts';

/** The times at the left and right edge of a track's charts. */
export function spanOf(track: Track): { from: number; to: number } {
  const to = Math.max(now.peek(), track.history.at.at(-1) ?? 0);
  const joinedAt = nodeOf(track.id)?.peek().joinedAt ?? 0;
  return { from: shownSpan(track.minutes, to, Math.min(joinedAt, track.history.at[0] ?? joinedAt)), to };
}
