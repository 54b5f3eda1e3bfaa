import type { JSX } from 'preact';
import type { Invite } from '../api/types.ts';
import { duration, fullMoment, moment } from '../format/time.ts';
import { AskTwice } from '../piece/ask-twice.tsx';
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
      {state === 'open' && <AskTwice action="Withdraw" name={invite.label} run={() => void withdraw(invite.id)} />}
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
