// A genuine frame of every kind that a master sends, on its way through a false relay to a node, and forged ones before it.
import { randomBytes } from 'node:crypto';
import { epochAfterJoinMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { fingerprint } from '@sealcast/channel/master-keys';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { makeRotate } from '@sealcast/channel/rotate';
import { createLog } from '@sealcast/runtime/log';
import { expect, vi } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import type { TestLink } from '../../stack/wire.ts';
import { kinds } from '../../twin/envelope.ts';
import { type FarSite, refusedDown } from './far-site.ts';

export const downNames = ['OFFER', 'WELCOME', 'REFUSAL', 'ACK', 'COMMAND', 'EPOCH', 'ROTATED', 'BROADCAST'] as const;
export type DownName = (typeof downNames)[number];

interface Expected {
  link: TestLink;
  /** Brings it about that the master sends the frame. */
  cause: () => void;
  /** Whether the node has done what the frame asks for. */
  isTaken: () => boolean;
}

function joins(site: FarSite): Expected {
  const link = site.link();
  return { link, cause: () => link.link.start(), isTaken: () => link.count('live') === 1 };
}

/** A code that nobody was given. */
function refused(site: FarSite): Expected {
  const log = createLog('test', 'silent');
  const warn = vi.spyOn(log, 'warn');
  const link = site.link({ log });
  link.master.code = randomBytes(16);
  const isTold = () => warn.mock.calls.some(([details]) => JSON.stringify(details).includes('refused'));
  return { link, cause: () => link.link.start(), isTaken: isTold };
}

async function acknowledged(site: FarSite): Promise<Expected> {
  const link = await site.opened();
  const before = link.count('ack');
  return { link, cause: () => link.report(), isTaken: () => link.count('ack') > before };
}

async function told(site: FarSite, text: string, toAll: boolean): Promise<Expected> {
  const link = await site.opened();
  const cause = () => void site.text(text, toAll ? 'everyone' : [link.hex]);
  return { link, cause, isTaken: () => link.texts.includes(text) };
}

async function newEpoch(site: FarSite): Promise<Expected> {
  const link = await site.opened();
  const cause = () => {
    site.wire.ahead += epochAfterJoinMs;
    site.wire.fleet.tick();
  };
  const isTaken = () => {
    site.text('in the new epoch');
    return link.texts.includes('in the new epoch');
  };
  return { link, cause, isTaken };
}

async function rotated(site: FarSite): Promise<Expected> {
  const { id, seed } = newIdentitySecrets(systemEntropy);
  const [first, second] = [seed, randomBytes(32)].map((one) =>
    nodeIdentity({ id, seed: one }, { mechanism: 'curve', secret: randomBytes(32) }, randomBytes(16)),
  );
  if (first === undefined || second === undefined) throw new Error('two identities were expected');
  const link = await site.opened({ identity: first });
  const body = makeRotate(first, second, fingerprint(link.master.signing));
  const cause = () => {
    const targets = [Buffer.from(id).toString('hex')];
    site.wire.fleet.command({ action: { type: 'rotate' }, targets, expiresInSeconds: 60, by: 'admin' });
    link.link.send({ kind: 'rotate', body });
  };
  return { link, cause, isTaken: () => link.count('rotated') === 1 };
}

const expecting: Record<DownName, (site: FarSite) => Expected | Promise<Expected>> = {
  OFFER: joins,
  WELCOME: joins,
  REFUSAL: refused,
  ACK: acknowledged,
  COMMAND: (site) => told(site, 'for you', false),
  EPOCH: newEpoch,
  ROTATED: rotated,
  BROADCAST: (site) => told(site, 'for all', true),
};

/**
 * Gives a node every forged frame in the place of the genuine one, and then that one: each of the first is refused once and brings
 * nothing about, the last is taken.
 * @returns how often each code was met
 */
export async function forgeDown(
  site: FarSite,
  name: DownName,
  forge: (frame: Uint8Array) => Uint8Array[],
): Promise<{ counts: Record<string, number>; sent: number }> {
  site.relay.meddle = (carried) => [carried];
  const { link, cause, isTaken } = await expecting[name](site);
  const kind = kinds[name];
  const withheld = site.withhold((carried) => carried.direction === 'down' && carried.frame[2] === kind);
  cause();
  const genuine: Carried = await withheld;
  const before = link.heard.length;
  const forged = forge(genuine.frame).map((frame) => ({ ...genuine, frame: Buffer.from(frame) }));
  const counts = await refusedDown(site, link, forged);
  expect(link.heard.slice(before).filter(({ type }) => type !== 'refused')).toEqual([]);
  expect(isTaken()).toBe(false);
  // What the master says again, or in another way, must not stand in for it.
  const others: number[] = [kind, ...(name === 'EPOCH' ? [kinds.COMMAND] : [])];
  site.relay.meddle = (carried) => (others.includes(carried.frame[2] ?? 0) ? [] : [carried]);
  site.relay.pass(genuine);
  await expect.poll(isTaken, { timeout: 5000 }).toBe(true);
  site.relay.meddle = (carried) => [carried];
  await link.stop();
  return { counts, sent: forged.length };
}
