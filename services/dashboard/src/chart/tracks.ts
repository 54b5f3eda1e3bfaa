import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Track, trackOf, watchTrack } from '../state/histories.ts';

/** The last minutes of a node, kept current while `wanted`. */
export function useTrack(id: string, minutes: number, wanted: boolean): ReadonlySignal<Track | undefined> {
  const held = useSignal<Track | undefined>(undefined);
  useEffect(() => {
    if (!wanted) return undefined;
    const track = trackOf(id, minutes);
    held.value = track;
    return watchTrack(track);
  }, [id, minutes, wanted, held]);
  return held;
}
