import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { epochAfterJoinMs, epochMaxMs, rejoinMinMs, rejoinUnreachedMaxMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Hop } from '@sealcast/node/link/hop';
import { MasterClock } from '@sealcast/node/link/master-clock';
import { createLog } from '@sealcast/runtime/log';
import { expect, test, vi } from 'vitest';
import { freePorts } from '../../scripts/free-ports.ts';
import { type TestLink, Wire } from '../stack/wire.ts';

function broadcast(wire: Wire, text: string, targets: 'everyone' | string[] = 'everyone'): string {
  return wire.fleet.command({ action: { type: 'text', text }, targets, expiresInSeconds: 60, by: 'admin' }).id;
}

// The kind stands in the third byte of every frame.
const factsKind = 0x11;
const broadcastKind = 0x30;
const ackKind = 0x20;
const commandKind = 0x21;
const epochKind = 0x22;

/** Broadcasts until all of `nodes` heard one, and keeps back what would reach them in their sessions instead. */
async function broadcastIsHeard(wire: Wire, text: string, nodes: TestLink[]): Promise<void> {
  wire.passes = (_topic, frame) => frame[2] !== commandKind;
  const repeat = setInterval(() => broadcast(wire, text), 100);
  await Promise.all(nodes.map((node) => node.hearsText(text)));
  clearInterval(repeat);
}

/** The key ids under which the master publishes from now on, as they are used. */
function keyIdsOf(wire: Wire): Set<string> {
  const keyIds = new Set<string>();
  wire.passes = (_topic, frame) => {
    keyIds.add(Buffer.from(frame.subarray(4, 12)).toString('hex'));
    return true;
  };
  return keyIds;
}

async function opened(wire: Wire, options?: Parameters<Wire['link']>[0]): Promise<TestLink> {
  const node = wire.link(options);
  await node.open();
  return node;
}

test('a rekeyed session has another key id, and nothing is lost on the way', async () => {
  await using wire = await Wire.start();
  const keyIds = keyIdsOf(wire);
  const node = await opened(wire, { rekeyMs: 300 });
  // What is said while the node does not listen to the new keys yet is repeated.
  const ticking = setInterval(() => wire.fleet.tick(), 1000);
  const texts = Array.from({ length: 30 }, (_, index) => `number ${index}`);
  for (const text of texts) {
    broadcast(wire, text, [node.hex]);
    await node.hearsText(text);
    await node.answered();
    if (keyIds.size > 2) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  clearInterval(ticking);
  expect(keyIds.size).toBeGreaterThan(1);
  expect(node.texts).toEqual(texts.slice(0, node.texts.length));
  expect(node.heard.filter(({ type }) => type === 'live' || type === 'lost')).toHaveLength(1);
});

test('a WELCOME that only rekeys is told too', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire, { rekeyMs: 1100 });
  wire.fleet.command({
    action: { type: 'interval', seconds: 77 },
    targets: [node.hex],
    expiresInSeconds: 60,
    by: 'admin',
  });
  const told = await node.hears((one) => one.type === 'rekeyed' && one.welcome.interval === 77);
  expect(told.type).toBe('rekeyed');
  expect(node.count('live')).toBe(1);
});

test('after a new node a new epoch begins, and old members read on', async () => {
  await using wire = await Wire.start();
  const [older, newer] = [await opened(wire), await opened(wire)];
  broadcast(wire, 'in the first epoch');
  await Promise.all([older.hearsText('in the first epoch'), newer.hearsText('in the first epoch')]);
  wire.ahead = epochAfterJoinMs;
  wire.fleet.tick();
  await Promise.all([older.answered(), newer.answered()]);
  const [ack] = older.heard.filter((one) => one.type === 'ack').slice(-1);
  expect(ack?.type === 'ack' && ack.ack.epoch).toBe(2);
  await broadcastIsHeard(wire, 'in the second', [older, newer]);
});

test('a broadcast that was dropped on the way is asked for with the next, and comes once', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire);
  wire.passes = (_topic, frame) => frame[2] !== broadcastKind;
  broadcast(wire, 'dropped');
  wire.passes = () => true;
  broadcast(wire, 'arrived');
  await node.hearsText('dropped');
  expect(node.texts.toSorted()).toEqual(['arrived', 'dropped']);
});

test('a last broadcast that was dropped shows in the next ACK', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire);
  wire.passes = (_topic, frame) => frame[2] !== broadcastKind;
  broadcast(wire, 'dropped');
  wire.passes = () => true;
  expect(node.texts).toEqual([]);
  await node.answered();
  await node.hearsText('dropped');
  expect(node.texts).toEqual(['dropped']);
});

test('a node that missed a change of epoch is told again when it says which it knows', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire);
  wire.passes = (_topic, frame) => frame[2] !== epochKind;
  wire.ahead = epochAfterJoinMs;
  wire.fleet.tick();
  wire.passes = () => true;
  await node.answered();
  await node.answered();
  await broadcastIsHeard(wire, 'in the second', [node]);
  expect(node.heard.filter(({ type }) => type === 'live')).toHaveLength(1);
});

test('what a member records and sends again is refused, and counted', async () => {
  await using wire = await Wire.start();
  const recorded: [Uint8Array, Uint8Array][] = [];
  const node = await opened(wire);
  wire.passes = (topic, frame) => {
    if (frame[2] === broadcastKind) recorded.push([topic, frame]);
    return true;
  };
  broadcast(wire, 'once');
  await node.hearsText('once');
  const [first] = recorded;
  expect(first).toBeDefined();
  if (first !== undefined) wire.repeat(...first);
  await node.hears((heard) => heard.type === 'refused');
  expect(node.heard.filter(({ type }) => type === 'refused')).toEqual([{ type: 'refused', code: 'sequence.replayed' }]);
  expect(node.texts).toEqual(['once']);
});

test('a node that stops is away at once', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire);
  expect(wire.fleet.node(node.hex)?.state).toBe('alive');
  const { promise, resolve } = Promise.withResolvers<void>();
  wire.fleet.on((event) => event.type === 'node' && event.node.state === 'away' && resolve());
  await node.stop();
  await promise;
});

test('an invite code leaves the node once', async () => {
  await using wire = await Wire.start();
  const node = wire.link();
  expect(node.master.code).toHaveLength(16);
  await node.open();
  expect(node.master.code).toBeUndefined();
});

test('a sample from the future is taken as of now', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire);
  const sample = {
    number: 1,
    at: Date.now() + 86_400_000,
    uptime: 1,
    cpu: 1,
    cores: [1],
    load: [0, 0, 0] satisfies [number, number, number],
    memory: { total: 1, available: 1 },
    swap: { total: 0, free: 0 },
    disks: [],
    io: [],
    interfaces: [],
    temperatures: [],
  };
  node.link.send({ kind: 'report', body: { samples: [sample] } });
  await node.hears((heard) => heard.type === 'ack' && heard.ack.through === 1);
  expect(wire.fleet.node(node.hex)?.sample?.at).toBeLessThanOrEqual(Date.now());
});

test('an ACK that was held back on the way does not set the clock back', async () => {
  await using wire = await Wire.start();
  const clock = new MasterClock(() => performance.now());
  const node = await opened(wire, { clock });
  const { promise: held, resolve } = Promise.withResolvers<[Uint8Array, Uint8Array]>();
  wire.passes = (topic, frame) => {
    if (frame[2] === ackKind) resolve([topic, frame]);
    return frame[2] !== ackKind;
  };
  node.report();
  const [topic, frame] = await held;
  wire.passes = () => true;
  wire.ahead = 3_600_000;
  await node.answered();
  const acks = node.count('ack');
  wire.repeat(topic, frame);
  await node.hears(() => node.count('ack') > acks);
  expect(clock.now()).toBeGreaterThan(Date.now() + 3_000_000);
});

// A random wait is a fifth of the longest then.
function fifths(length: number): Uint8Array {
  return length === 4 ? new Uint8Array(4).fill(0x33) : systemEntropy.bytes(length);
}

test('data ports that are closed make each join wait longer than the one before, and the operator is told', async () => {
  await using wire = await Wire.start();
  const log = createLog('test', 'silent');
  using warn = vi.spyOn(log, 'warn');
  using waits = vi.spyOn(globalThis, 'setTimeout');
  const node = wire.link({ log, entropy: { ...systemEntropy, bytes: fifths } });
  const waited = (times: number) =>
    waits.mock.calls.some(([, ms]) => Math.round(ms ?? 0) === (rejoinMinMs / 5) * times);
  const right = node.master.data;
  const [push = 0, sub = 0] = await freePorts([0, 0]);
  node.master.data = [push, sub];
  node.link.start();
  for (const [lives, times] of [1, 2].entries()) {
    await node.hears(() => node.count('live') > lives);
    node.link.giveUp('no answer to a report');
    expect(waited(times)).toBe(true);
  }
  const texts = warn.mock.calls.map((call) => String(call[1]));
  expect(texts.filter((text) => text.includes(`ports ${push} and ${sub}`))).toHaveLength(1);
  node.master.data = right;
  await node.hears(() => node.count('live') > 2);
  await node.answered();
  waits.mockClear();
  node.link.giveUp('no answer to a report');
  expect(waited(1)).toBe(true);
});

// A random wait is a 256th of the longest then.
function smallParts(length: number): Uint8Array {
  return length === 4 ? Uint8Array.of(1, 0, 0, 0) : systemEntropy.bytes(length);
}

/** What the next random wait is counted by, where the join ports are others after four sessions that nothing came of. */
async function waitAtJoinPorts(ports: (right: [number, number], closed: [number, number]) => [number, number]) {
  await using wire = await Wire.start();
  using waits = vi.spyOn(globalThis, 'setTimeout');
  const node = wire.link({ entropy: { ...systemEntropy, bytes: smallParts } });
  const waited = (most: number) => waits.mock.calls.some(([, ms]) => ms === most / 256);
  const [push = 0, sub = 0, joinPush = 0, joinSub = 0] = await freePorts([0, 0, 0, 0]);
  node.master.data = [push, sub];
  node.link.start();
  for (const lives of [0, 1, 2, 3]) {
    await node.hears(() => node.count('live') > lives);
    node.link.giveUp('no answer to a report');
  }
  node.master.join = ports(node.master.join, [joinPush, joinSub]);
  waits.mockClear();
  const byFailures = rejoinMinMs * 2 ** 4;
  await vi.waitUntil(() => waited(rejoinUnreachedMaxMs) || waited(byFailures), 20_000);
  return waited(byFailures) ? 'failures' : 'unreached';
}

test('a master that can not be reached is looked for again within seconds, however long it was away', async () => {
  expect(await waitAtJoinPorts((_, closed) => closed)).toBe('unreached');
});

test('a master of which one join port can be reached is spared like one that answers', async () => {
  expect(await waitAtJoinPorts(([open], [, closed]) => [open, closed])).toBe('failures');
  expect(await waitAtJoinPorts(([, open], [closed]) => [closed, open])).toBe('failures');
});

test('a session that could not begin ends, and another is begun', async () => {
  await using wire = await Wire.start();
  const node = wire.link();
  node.whenLive = () => {
    node.whenLive = () => undefined;
    throw new Error('no space left on device');
  };
  node.link.start();
  await node.hears(() => node.count('lost') === 1);
  await node.hears(() => node.count('live') === 2);
  await node.answered();
  expect(node.heard.map(({ type }) => type).slice(0, 3)).toEqual(['live', 'lost', 'live']);
});

test('a rekeying that is under way ends with its session', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire, { rekeyMs: 1100 });
  const { promise: underWay, resolve } = Promise.withResolvers<void>();
  wire.joinPasses = () => {
    resolve();
    return false;
  };
  await underWay;
  using closed = vi.spyOn(Hop.prototype, 'close');
  node.link.giveUp('no answer to a report');
  expect(closed).toHaveBeenCalledTimes(2);
});

test('a WELCOME that rekeys sets the epoch, also to a lower one', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire, { rekeyMs: 1100 });
  for (const ms of [epochAfterJoinMs, epochMaxMs]) {
    wire.ahead += ms;
    wire.fleet.tick();
  }
  await node.hears((one) => one.type === 'rekeyed' && one.welcome.epoch === 3);
  wire.restartAtEpoch(2);
  await node.hears((one) => one.type === 'rekeyed' && one.welcome.epoch === 2);
  await broadcastIsHeard(wire, 'in the second', [node]);
  expect(node.count('live')).toBe(1);
});

test('what a node tells of itself comes again with a rekeying, where it was lost', async () => {
  await using wire = await Wire.start();
  let lost = 0;
  wire.arrives = (frame) => frame[2] !== factsKind || lost++ > 0;
  wire.node(createLog('test', 'silent'), 1200);
  await vi.waitFor(() => expect(wire.fleet.nodes()[0]?.facts).toBeTruthy(), { timeout: 10_000 });
  expect(lost).toBeGreaterThan(1);
});

test('a node that cannot write down its master reports all the same, and writes it down when it can', async () => {
  await using wire = await Wire.start();
  const log = createLog('test', 'silent');
  using warn = vi.spyOn(log, 'warn');
  const { stateFolder } = wire.node(log, 1200);
  const kept = join(stateFolder, 'master.json');
  mkdirSync(kept);
  await vi.waitFor(() => expect(wire.fleet.nodes()[0]?.sample).toBeTruthy(), { timeout: 10_000 });
  rmdirSync(kept);
  await vi.waitFor(() => expect(statSync(kept).isFile()).toBe(true), { timeout: 10_000 });
  expect(warn).not.toHaveBeenCalled();
});

test('a message that can not be sealed is not sent, and ends nothing', async () => {
  await using wire = await Wire.start();
  const node = await opened(wire);
  const unfit = { command: new Uint8Array(15), outcome: 'done' as const };
  expect(node.link.send({ kind: 'receipt', body: unfit })).toBe(false);
  await node.answered();
  expect(node.count('lost')).toBe(0);
});
