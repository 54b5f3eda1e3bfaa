import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { cloneAfterMs, cloneWatchMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { Hop } from '@sealcast/node/link/hop';
import { expect, test, vi } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { Stack } from '../stack/stack.ts';
import { Wire } from '../stack/wire.ts';

// Whole processes are started again and again.
const patient = { timeout: 180_000 };

const reportKind = 0x10;
const leaveKind = 0x14;
const commandKind = 0x21;

test(
  'a copy of a node on a second machine is held out and shown, the node goes on, and once it stops the copy may come',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
    const admin = await stack.signIn();
    const node = stack.startNode('attic', 1);
    const [before] = await admin.nodesWhen((all) => all.some(({ sample }) => sample !== null));
    cpSync(stack.stateOf('attic'), stack.stateOf('copy'), { recursive: true });
    const copy = stack.startNode('copy', 1);
    const [found] = await admin.nodesWhen((all) => all.some(({ cloned }) => cloned !== null));
    expect(found).toMatchObject({ id: before?.id, state: 'alive' });
    expect(await stack.master.says('runs on two machines')).toMatchObject({ node: before?.id });
    const number = found?.sample?.number ?? 0;
    await admin.nodesWhen((all) => all.some(({ sample }) => (sample?.number ?? 0) > number + 1));
    await copy.says('another machine is running with this identity');
    expect((await admin.refusals())['join.cloned']).toBeGreaterThan(0);
    expect(node.text).not.toContain('another machine');

    expect(await node.stop()).toBe(0);
    await admin.nodesWhen((all) => all.every(({ cloned }) => cloned === null));
    await copy.stop();
    await stack.startNode('copy', 1).says('joined the master');
  },
);

test('a node that is killed and started again at once, three times, is no clone', patient, async () => {
  await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
  const admin = await stack.signIn();
  let last = 0;
  for (let start = 0; start < 4; start += 1) {
    await stack.nodes.get('attic')?.stop('SIGKILL');
    stack.startNode('attic', 1);
    const [node] = await admin.nodesWhen((all) => all.some(({ sample }) => (sample?.number ?? 0) > last + 3));
    last = node?.sample?.number ?? 0;
    expect(node).toMatchObject({ cloned: null, state: 'alive' });
  }
  expect((await admin.refusals())['join.cloned']).toBe(0);
  expect(stack.master.text).not.toContain('two machines');
});

test('what a killed node said and a slow line brings after its next start makes it no clone', async () => {
  await using wire = await Wire.start();
  const curve = curveKeyPair();
  const secrets = newIdentitySecrets(systemEntropy);
  const start = async () => {
    const identity = nodeIdentity(secrets, { mechanism: 'curve', secret: decodeZ85(curve.secretKey) }, randomBytes(16));
    const serverKey = encodeZ85(wire.link().master.curve);
    const link = wire.link({ identity, keys: { mechanism: 'curve', ...curve, serverKey } });
    await link.open();
    return link;
  };
  const killed = await start();
  const { promise: held, resolve } = Promise.withResolvers<Uint8Array>();
  wire.arrives = (frame) => {
    if (frame[2] === reportKind) resolve(frame);
    return frame[2] !== reportKind && frame[2] !== leaveKind;
  };
  killed.report();
  const late = await held;
  await killed.stop();
  wire.arrives = () => true;
  const again = await start();
  wire.ahead += cloneAfterMs + 1;
  wire.fleet.receiveData(late);
  await again.answered();
  await again.answered();
  expect(wire.fleet.nodes()).toMatchObject([{ cloned: null, state: 'alive' }]);
  expect(again.count('lost')).toBe(0);
});

/** Starts programs with one identity, each with a hop key of its own. */
function starter(wire: Wire) {
  const secrets = newIdentitySecrets(systemEntropy);
  return async (options: { rekeyMs?: number } = {}) => {
    const curve = curveKeyPair();
    const identity = nodeIdentity(secrets, { mechanism: 'curve', secret: decodeZ85(curve.secretKey) }, randomBytes(16));
    const serverKey = encodeZ85(wire.link().master.curve);
    const keys = { mechanism: 'curve', ...curve, serverKey } as const;
    const link = wire.link({ identity, keys, ...options });
    await link.open();
    const connect = () => {
      const hop = new Hop(link.master, 'data', keys, []);
      return { hop, [Symbol.dispose]: () => hop.close() };
    };
    return { link, hopKey: identity.hopKey, connect };
  };
}

test('a copy with a hop key of its own is cut off when it is found, and its node can connect anew', async () => {
  await using wire = await Wire.start();
  const start = starter(wire);
  const [node, copy] = [await start(), await start()];
  using watched = node.connect();
  expect(await watched.hop.opened(20_000)).toBe(true);
  const before = wire.fleet.cuts()['cut.removed'] ?? 0;
  wire.ahead += cloneAfterMs + 1;
  await node.link.answered();
  const [shown] = wire.fleet.nodes();
  expect(shown?.cloned).toBeTruthy();
  await vi.waitFor(() => expect(wire.fleet.cuts()['cut.removed']).toBe(before + 2));
  expect([node, copy].map(({ hopKey }) => wire.fleet.admits(hopKey))).toEqual([true, false]);
  using again = node.connect();
  using denied = copy.connect();
  expect(await again.hop.opened(20_000)).toBe(true);
  await vi.waitFor(() => expect(denied.hop.state).toBe('denied'), 20_000);
});

test('a node that joins anew just as it is asked back answers in its newer session, and stays', async () => {
  await using wire = await Wire.start();
  const start = starter(wire);
  const node = await start({ rekeyMs: 2000 });
  const copy = await start();
  const question = Promise.withResolvers<[topic: Uint8Array, frame: Uint8Array]>();
  wire.passes = (topic, frame) => {
    if (frame[2] === commandKind) question.resolve([topic, frame]);
    return frame[2] !== commandKind;
  };
  wire.ahead += cloneAfterMs + 1;
  node.link.report();
  const asked = await question.promise;
  const before = node.link.count('rekeyed');
  await node.link.hears(() => node.link.count('rekeyed') > before);
  const cloned = () => wire.fleet.nodes()[0]?.cloned;
  expect(cloned()).toBeNull();
  wire.repeat(...asked);
  await vi.waitFor(() => expect(cloned()).toBeTruthy());
  await node.link.answered();
  expect([node, copy].map(({ hopKey }) => wire.fleet.admits(hopKey))).toEqual([true, false]);
});

test('the hop key that a node had before its last start opens no port once that start is settled', async () => {
  await using wire = await Wire.start();
  const start = starter(wire);
  const before = await start();
  // Killed: it says nothing more, and goodbye neither.
  wire.arrives = (frame) => frame[2] !== leaveKind;
  await before.link.stop();
  using kept = before.connect();
  expect(await kept.hop.opened(20_000)).toBe(true);
  const after = await start();
  expect(kept.hop.state).toBe('open');
  const cuts = wire.fleet.cuts()['cut.removed'] ?? 0;
  wire.ahead += cloneWatchMs;
  wire.fleet.tick();
  await vi.waitFor(() => expect(wire.fleet.cuts()['cut.removed']).toBe(cuts + 2));
  await vi.waitFor(() => expect(kept.hop.state).toBe('denied'), 20_000);
  await after.link.answered();
});

test('a node that rekeys again and again is no clone', async () => {
  await using wire = await Wire.start();
  const node = wire.link({ rekeyMs: 200 });
  await node.open();
  while (node.count('rekeyed') < 5) {
    wire.ahead += cloneAfterMs / 2;
    await node.answered();
  }
  expect(wire.fleet.node(node.hex)?.cloned).toBeNull();
  expect(wire.fleet.refusals()['join.cloned']).toBe(0);
  expect(node.texts).toEqual([]);
});
