import type { JSX } from 'preact';
import type { Relay } from '../api/types.ts';
import { duration, fullMoment, moment } from '../format/time.ts';
import { now } from '../state/clock.ts';

/** Whether a relay is connected, or since when not; ticks. */
export function RelayState({ relay }: { relay: Relay }): JSX.Element {
  const { connected, since, keptOut } = relay;
  if (keptOut && !connected)
    return (
      <span class="relay-state down">
        <span class="mark away" aria-hidden="true" />
        Kept out: <code>{keptOut.by}</code> does not let its key in, {keptOut.hopKey}
      </span>
    );
  if (since === null)
    return (
      <span class="relay-state">
        <span class="mark never" aria-hidden="true" />
        Never connected to this master
      </span>
    );
  return (
    <span class={`relay-state${connected ? '' : ' down'}`} title={fullMoment(since)}>
      <span class={`mark ${connected ? 'alive' : 'away'}`} aria-hidden="true" />
      {connected ? 'Connected since' : 'Not connected since'}{' '}
      <time dateTime={new Date(since).toISOString()}>{moment(since, now.value)}</time>
      <span class="quiet"> · {duration(Math.max(0, now.value - since))}</span>
    </span>
  );
}
