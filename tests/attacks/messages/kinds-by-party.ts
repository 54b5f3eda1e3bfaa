// What each party gets for each kind of message at each port, and its frame of each kind.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { kinds } from '@sealcast/channel/frame';
import { NodeJoin } from '@sealcast/channel/join-node';
import { fingerprint } from '@sealcast/channel/master-keys';
import { makeRotate } from '@sealcast/channel/rotate';
import type { UpMessage } from '@sealcast/channel/session';
import { rawEnvelope } from '../../unit/channel/raw-envelope.ts';
import { newIdentity, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { everybody, type Party, type Role } from './parties.ts';
import { facts } from './up-frames.ts';

export type Kind = keyof typeof kinds;
/** 'taken', or the codes that were counted. */
type Outcome = string;

function all(outcome: Outcome, but: Partial<Record<Role, Outcome>> = {}): Record<Role, Outcome> {
  return Object.fromEntries(everybody.map((role) => [role, but[role] ?? outcome])) as Record<Role, Outcome>;
}

const sealed = all('key.unknown', { live: 'taken', impostor: 'seal.open' });
const nowhere = { join: all('frame.kind'), data: all('frame.kind') };
const inSession = { join: all('frame.kind'), data: sealed };

/** What each gets for each kind at each port. */
export const messages: Record<Kind, Record<'join' | 'data', Record<Role, Outcome>>> = {
  hello: {
    join: all('taken', {
      stranger: 'join.invite',
      removed: 'join.removed',
      removedWhilePending: 'join.removed',
      impostor: 'join.identity',
    }),
    data: all('frame.kind'),
  },
  confirm: {
    // The same bytes again get the same answer again, and bring about nothing.
    join: all('key.unknown', {
      pending: 'taken',
      removedWhilePending: 'join.removed',
      live: 'taken',
      left: 'taken',
      impostor: 'seal.open',
    }),
    data: all('frame.kind'),
  },
  offer: nowhere,
  welcome: nowhere,
  refusal: nowhere,
  report: inSession,
  facts: inSession,
  receipt: inSession,
  ask: inSession,
  rotate: inSession,
  leave: inSession,
  otherUp: nowhere,
  ack: nowhere,
  command: nowhere,
  epoch: nowhere,
  rotated: nowhere,
  otherDown: nowhere,
  broadcast: nowhere,
};

function bodyOf(kind: Kind, { node, identity }: Party): UpMessage | undefined {
  const next = newIdentity(identity.id);
  const bodies: Partial<Record<Kind, UpMessage>> = {
    report: { kind: 'report', body: { samples: [] } },
    facts: { kind: 'facts', body: facts },
    receipt: { kind: 'receipt', body: { command: randomBytes(16), outcome: 'done' } },
    ask: { kind: 'ask', body: { epoch: 1, missing: [] } },
    leave: { kind: 'leave', body: {} },
    rotate: { kind: 'rotate', body: makeRotate(identity, next, fingerprint(node.world.keys.signingPublic)) },
  };
  return bodies[kind];
}

/** As good as the party can make it. */
export function frameOf(kind: Kind, party: Party): Uint8Array {
  const { node, identity, code, confirm, keyId, seals } = party;
  if (kind === 'hello')
    return new NodeJoin({ rsa: rsa.newest, signing: node.world.keys.signingPublic }, identity, code, systemEntropy)
      .hello;
  if (kind === 'confirm' && confirm) return confirm;
  const message = bodyOf(kind, party);
  if (message && seals) return node.seal(message);
  const body = randomBytes(kind === 'confirm' ? 64 : 32);
  const [sender, target] = [identity.id, randomBytes(16)];
  const what = { key: randomBytes(32), keyId, outer: kinds[kind], inner: kinds[kind], sequence: 1n, body };
  return rawEnvelope({ ...what, direction: 1, sender, target, epoch: 0n });
}

/** 'taken', or the code that was counted, once. */
export function outcomeOf(party: Party, port: 'join' | 'data', frame: Uint8Array): Outcome {
  const { node } = party;
  const before = node.world.fleet.refusals();
  node.send(frame, port);
  const risen = Object.entries(node.world.fleet.refusals()).flatMap(([code, count]) =>
    Array.from({ length: count - (before[code] ?? 0) }, () => code),
  );
  return risen.length === 0 ? 'taken' : risen.join(' ');
}
