// What is worth saying about the first invites. None of it stops init: an invite that is no good harms nothing.
import type { Invite } from '@sealcast/channel/invite';
import { hashCode, type ListedInvite } from './invite-list.ts';
import type { Settings } from './settings.ts';
import type { Survey } from './survey.ts';

/** The master's public keys, as an invite pins them. */
export type PinnedKeys = Pick<Invite, 'rsa' | 'signing' | 'curve'>;

interface TakenKeys extends PinnedKeys {
  /** Join keys that were the newest once, and are still taken. */
  readonly olderRsa: readonly Uint8Array[];
}

/** One of the invites that are asked for, as it was found. */
export interface FoundInvite {
  readonly number: number;
  readonly listed: ListedInvite | undefined;
  readonly invite: Invite | undefined;
  readonly state: 'made' | 'kept' | 'gone';
}

export function noteInvites(
  survey: Survey,
  found: readonly FoundInvite[],
  keys: TakenKeys,
  settings: Settings,
  now: Date,
): void {
  const { warnings, notes } = survey.findings;
  const folder = survey.folders.nodes.path;
  const tell = (to: string[], which: (found: FoundInvite) => boolean, text: string) => {
    const numbers = found.filter(which).map(({ number }) => number);
    if (numbers.length > 0) to.push(`${inviteNames(numbers)} in ${folder}: ${text}`);
  };
  const kept =
    (test: (invite: Invite) => boolean) =>
    ({ invite }: FoundInvite) =>
      invite !== undefined && test(invite);

  tell(
    warnings,
    kept((invite) => !pins(invite, keys)),
    'made for other keys than the master has, so no node can join with it. Delete it.',
  );
  tell(
    notes,
    ({ invite, listed }) => invite !== undefined && hashCode(invite.code) !== listed?.hash,
    'not in invites.json. Kept, and good only if the master knows it from elsewhere.',
  );
  tell(
    notes,
    kept((invite) => invite.expires * 1000 > now.getTime() && !leadsTo(invite, settings)),
    `made for another host, other ports or another mechanism than the settings now say. Kept; a node that cannot use its invite gets a new one from the page.`,
  );
  tell(
    notes,
    ({ state }) => state === 'gone',
    'no longer there, and not made again. A node that still needs one gets it from the page.',
  );
  if (['localhost', '127.0.0.1', '::1'].includes(settings.mq_public_host))
    tell(
      notes,
      ({ state }) => state === 'made',
      `good for nodes on this machine alone, since mq_public_host is ${settings.mq_public_host}. For others, set it, and make invites on the page.`,
    );
}

function pins(invite: Invite, { rsa, signing, curve, olderRsa }: TakenKeys): boolean {
  const isTaken = [rsa, ...olderRsa].some((key) => Buffer.compare(invite.rsa, key) === 0);
  const isHop = invite.mechanism !== 'curve' || Buffer.compare(invite.curve, curve) === 0;
  return isTaken && isHop && Buffer.compare(invite.signing, signing) === 0;
}

function leadsTo({ host, data, join, mechanism }: Invite, settings: Settings): boolean {
  const ports = [settings.mq_sub_port, settings.mq_pub_port, settings.mq_join_sub_port, settings.mq_join_pub_port];
  const isHop = host === settings.mq_public_host && mechanism === settings.mq_mechanism;
  return isHop && [...data, ...join].every((port, index) => port === ports[index]);
}

/** `invite-1, invite-3 to invite-5`; `numbers` ascend. */
function inviteNames(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs
    .map(({ first, last }) => (first === last ? `invite-${first}` : `invite-${first} to invite-${last}`))
    .join(', ');
}
