import type { JSX } from 'preact';
import type { Relay } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { fullMoment, moment } from '../format/time.ts';
import { AskTwice } from '../piece/ask-twice.tsx';
import { now } from '../state/clock.ts';
import { removeRelay } from '../state/relays.ts';
import { RelayState } from './relay-state.tsx';

/** The relays that this master lets in, each to be removed. */
export function RelayList({ list }: { list: readonly Relay[] }): JSX.Element {
  if (list.length === 0) return <p class="quiet">None. Every node reaches this master directly.</p>;
  return (
    <>
      <h3>{count(list.length, 'relay')}</h3>
      <ul class="invites relay-list" aria-label="Relays">
        {list.map((relay) => (
          <li key={relay.id} class="invite">
            <span class="invite-label" title={relay.name}>
              {relay.name}
            </span>
            <span class="quiet">
              {relay.host}
              <span title={fullMoment(relay.addedAt)}> · added {moment(relay.addedAt, now.value)}</span>
            </span>
            <RelayState relay={relay} />
            <AskTwice
              action="Remove"
              name={relay.name}
              line="The nodes behind it lose their way to this master."
              run={() => void removeRelay(relay.id)}
            />
          </li>
        ))}
      </ul>
      {list.some(({ since }) => since === null) && (
        <p class="hint">A relay behind another one connects to that one, and never to this master.</p>
      )}
    </>
  );
}
