import type { JSX } from 'preact';
import { ago, fullMoment } from '../format/time.ts';
import { now } from '../state/clock.ts';

/** How long ago something was; ticks by itself. */
export function Ago({ at }: { at: number }): JSX.Element {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullMoment(at)}>
      {ago(at, now.value)}
    </time>
  );
}
