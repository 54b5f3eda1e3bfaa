import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Invite } from '../api/types.ts';
import { duration, fullMoment, moment } from '../format/time.ts';
import { now } from '../state/clock.ts';
import { nodeOf } from '../state/fleet.ts';
import { invites, withdraw } from '../state/invites.ts';
import { links } from '../state/route.ts';

const secondMs = 1000;
const stateWords: Record<Invite['state'], string> = {
  open: 'Open',
  spent: 'Used',
  expired: 'Expired',
  withdrawn: 'Withdrawn',
};

function Withdraw({ invite }: { invite: Invite }): JSX.Element {
  const asked = useSignal(false);
  if (!asked.value) {
    return (
      <button
        type="button"
        class="button small"
        aria-label={`Withdraw ${invite.label}`}
        onClick={() => {
          asked.value = true;
        }}
      >
        Withdraw
      </button>
    );
  }
  return (
    <span class="confirm">
      <button type="button" class="button small danger" onClick={() => void withdraw(invite.id)}>
        Withdraw it
      </button>
      <button
        type="button"
        class="button small"
        onClick={() => {
          asked.value = false;
        }}
      >
        Keep
      </button>
    </span>
  );
}

function InviteRow({ invite }: { invite: Invite }): JSX.Element {
  const { state, expires, created, spentBy } = invite;
  const joined = spentBy === null ? undefined : nodeOf(spentBy)?.value;
  return (
    <li class={`invite ${state}`}>
      <span class="invite-label" title={invite.label}>
        {invite.label}
      </span>
      <span class="quiet">
        {stateWords[state]}
        {state === 'open' && (
          <span title={fullMoment(expires * secondMs)}>, {duration(expires * secondMs - now.value)} left</span>
        )}
        {state === 'spent' && spentBy !== null && (
          <>
            {' by '}
            <a href={links.node(spentBy)}>{joined?.name ?? 'a node'}</a>
          </>
        )}
        <span title={fullMoment(created * secondMs)}> · made {moment(created * secondMs, now.value)}</span>
      </span>
      {state === 'open' && <Withdraw invite={invite} />}
    </li>
  );
}

/** Open invites first, each to be withdrawn; the others folded below. */
export function InviteList(): JSX.Element | null {
  const all = invites.value;
  if (all === null) return null;
  const newestFirst = all.toSorted((a, b) => b.created - a.created);
  const open = newestFirst.filter(({ state }) => state === 'open');
  const over = newestFirst.filter(({ state }) => state !== 'open');
  return (
    <>
      <h2>Open invites</h2>
      {open.length === 0 ? (
        <p class="quiet">None. Nobody can join now.</p>
      ) : (
        <ul class="invites">
          {open.map((invite) => (
            <InviteRow key={invite.id} invite={invite} />
          ))}
        </ul>
      )}
      {over.length > 0 && (
        <details class="ended">
          <summary>Used, expired and withdrawn ({over.length})</summary>
          <ul class="invites">
            {over.map((invite) => (
              <InviteRow key={invite.id} invite={invite} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
