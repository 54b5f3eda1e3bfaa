// A genuine frame of every kind that a node sends, for a fleet without a wire, and forged ones in its place.
import { DatabaseSync } from 'node:sqlite';
import { systemEntropy } from '@sealcast/channel/entropy';
import { NodeJoin } from '@sealcast/channel/join-node';
import { fingerprint } from '@sealcast/channel/master-keys';
import { makeRotate } from '@sealcast/channel/rotate';
import type { UpMessage } from '@sealcast/channel/session';
import { expect } from 'vitest';
import { sample } from '../../unit/channel/parties.ts';
import { newIdentity, type PaperFleet, PaperNode, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { risen, sum, tally } from './far-site.ts';

export interface Genuine {
  port: 'join' | 'data';
  frame: Uint8Array;
  /** Whether the master has done what the frame asks for. */
  isTaken: () => boolean;
}

export const facts = {
  name: 'greenhouse',
  os: '',
  kernel: '',
  arch: 'arm64',
  version: '1',
  vendor: '',
  model: '',
  cpu: { model: '', cores: 1, threads: 1 },
  memory: 1,
  boot: 1,
  disks: [],
  gpus: [],
  addresses: [],
};

function said(node: PaperNode, message: UpMessage, isTaken: () => boolean): Genuine {
  return { port: 'data', frame: node.seal(message), isTaken };
}

/** A node that hears and answers nothing, and how many frames came under its session's topic. */
function deaf(world: PaperFleet): { node: PaperNode; frames: () => number } {
  const node = world.node();
  node.kill();
  let count = 0;
  if (node.session !== undefined) world.hear(node.session.topic, () => (count += 1));
  return { node, frames: () => count };
}

export const upFrames = {
  HELLO: (world) => {
    const pinned = { rsa: rsa.newest, signing: world.keys.signingPublic };
    const join = new NodeJoin(pinned, newIdentity(), world.invite(), systemEntropy);
    let offers = 0;
    world.hear(join.topic, () => (offers += 1));
    return { port: 'join', frame: join.hello, isTaken: () => offers === 1 };
  },
  CONFIRM: (world) => {
    const node = new PaperNode(world);
    const hello = node.hello(world.invite());
    if (hello === undefined) throw new Error('expected an offer');
    return { port: 'join', frame: hello.confirm, isTaken: () => hello.wasWelcomed() && !!world.fleet.node(node.id) };
  },
  REPORT: (world) => {
    const node = world.node();
    const report: UpMessage = { kind: 'report', body: { samples: [{ ...sample, at: world.clock.ms }] } };
    return said(node, report, () => world.fleet.node(node.id)?.sample?.number === 1);
  },
  FACTS: (world) => {
    const node = world.node();
    return said(node, { kind: 'facts', body: facts }, () => world.fleet.node(node.id)?.facts?.name === 'greenhouse');
  },
  RECEIPT: (world) => {
    const { node } = deaf(world);
    const id = world.text('do it', [node.id]);
    const receipt = { kind: 'receipt', body: { command: Buffer.from(id, 'hex'), outcome: 'done' } } as const;
    return said(node, receipt, () => world.fleet.commands(1)[0]?.receipts[0]?.outcome === 'done');
  },
  ASK: (world) => {
    const { node, frames } = deaf(world);
    world.text('read this');
    const before = frames();
    return said(node, { kind: 'ask', body: { epoch: 1, missing: [1] } }, () => frames() === before + 1);
  },
  LEAVE: (world) => {
    const node = world.node();
    return said(node, { kind: 'leave', body: {} }, () => world.fleet.node(node.id)?.state === 'away');
  },
  ROTATE: (world) => {
    const { node } = deaf(world);
    world.orderRotation(node);
    const next = newIdentity(node.identity.id);
    const body = makeRotate(node.identity, next, fingerprint(world.keys.signingPublic));
    const identity = Buffer.from(next.publicKey).toString('hex');
    return said(node, { kind: 'rotate', body }, () => world.store.roster.find(node.id)?.identity === identity);
  },
} satisfies Record<string, (world: PaperFleet) => Genuine>;

export const upNames = ['HELLO', 'CONFIRM', 'REPORT', 'FACTS', 'RECEIPT', 'ASK', 'LEAVE', 'ROTATE'] as const;

/** Everything that the master has: on disk, row by row, and as it shows it. */
export function stateOf(world: PaperFleet): unknown {
  const database = new DatabaseSync(world.scratch.file, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    const rows = tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${String(name)}"`).all()]);
    return { rows, nodes: world.fleet.nodes(), commands: world.fleet.commands(100) };
  } finally {
    database.close();
  }
}

/**
 * Gives the master every forged frame, and then the genuine one: each of the first is refused and counted once and changes nothing
 * that the master has, the last is taken.
 * @returns how often each code was met
 */
export async function forgeUp(
  world: PaperFleet,
  { port, frame, isTaken }: Genuine,
  forged: Uint8Array[],
): Promise<Record<string, number>> {
  const sender = new PaperNode(world);
  // What is taken now is seen now.
  world.clock.ms += 1000;
  const before = { state: stateOf(world), counted: world.fleet.refusals(), events: world.events.length };
  const codes = forged.map((one) => sender.send(one, port) ?? 'taken');
  const counts = tally(codes);
  expect(counts).not.toHaveProperty('taken');
  expect(risen(before.counted, world.fleet.refusals())).toEqual(counts);
  expect(sum(counts)).toBe(forged.length);
  expect(stateOf(world)).toEqual(before.state);
  expect(world.events).toHaveLength(before.events);
  expect(isTaken()).toBe(false);
  expect(sender.send(frame, port)).toBeUndefined();
  await expect.poll(isTaken, { timeout: 5000 }).toBe(true);
  return counts;
}
