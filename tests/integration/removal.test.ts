import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInvite } from '@sealcast/channel/invite';
import { encodeZ85 } from '@sealcast/channel/z85';
import { Hop } from '@sealcast/node/link/hop';
import { expect, test, vi } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { Stack } from '../stack/stack.ts';
import { type TestLink, Wire } from '../stack/wire.ts';

// Whole processes are started again and again.
const patient = { timeout: 180_000 };

const broadcastKind = 0x30;

function broadcast(wire: Wire, text: string): void {
  wire.fleet.command({ action: { type: 'text', text }, targets: 'everyone', expiresInSeconds: 600, by: 'admin' });
}

async function opened(wire: Wire): Promise<TestLink> {
  const node = wire.link();
  await node.open();
  return node;
}

test('a node that is removed is cut off, and connects no more', async () => {
  await using wire = await Wire.start();
  const [gone, other] = [await opened(wire), await opened(wire)];
  const before = wire.fleet.cuts();
  const cuts = (reason: string) => (wire.fleet.cuts()[reason] ?? 0) - (before[reason] ?? 0);
  const startedAt = performance.now();
  expect(wire.fleet.remove(gone.hex, 'admin')).toBe(true);
  await vi.waitFor(() => expect(cuts('cut.removed')).toBe(2));
  expect(performance.now() - startedAt).toBeLessThan(1000);
  let arrived = 0;
  wire.arrives = () => {
    arrived += 1;
    return true;
  };
  const acks = gone.count('ack');
  for (let times = 0; times < 5; times += 1) gone.report();
  await vi.waitFor(() => expect(cuts('cut.denied')).toBeGreaterThan(0), { timeout: 10_000 });
  expect([arrived, gone.count('ack')]).toEqual([0, acks]);
  await other.answered();
});

test('the others hear every broadcast once, though a node is removed between them and some are lost on the way', async () => {
  await using wire = await Wire.start();
  const [gone, ...others] = [await opened(wire), await opened(wire), await opened(wire)];
  let sent = 0;
  wire.passes = (_topic, frame) => frame[2] !== broadcastKind || (sent += 1) % 3 !== 0;
  const texts = Array.from({ length: 40 }, (_, index) => `number ${index}`);
  for (const [index, text] of texts.entries()) {
    if (index === 20) wire.fleet.remove(gone?.hex ?? '', 'admin');
    broadcast(wire, text);
  }
  wire.passes = () => true;
  for (const node of others) {
    await node.answered();
    await node.hears(() => node.texts.length >= texts.length);
    expect(node.texts.toSorted()).toEqual(texts.toSorted());
  }
  expect(gone?.texts).not.toContain('number 20');
});

test(
  'a node that is removed on the page is gone, says why, and its machine can come again as another',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 3, master: { report_interval: '1' } });
    const admin = await stack.signIn();
    for (const [index, name] of ['attic', 'barn'].entries()) stack.startNode(name, index + 1);
    const nodes = await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 2);
    const id = nodes.find(({ name }) => name === 'barn')?.id ?? '';
    const startedAt = performance.now();
    await admin.delete(`nodes/${id}`);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect((await admin.nodes()).map(({ name }) => name)).toEqual(['attic']);
    expect(await stack.master.says('a node was removed')).toMatchObject({ node: id, by: 'admin' });
    await expect(admin.delete(`nodes/${id}`)).rejects.toThrow('404');
    await vi.waitFor(async () => expect((await admin.get<Cuts>('refusals')).cuts['cut.removed']).toBeGreaterThan(0));
    const { id: broadcastId } = await admin.broadcast('still here');
    expect((await admin.confirmed(broadcastId)).receipts.map(({ name }) => name)).toEqual(['attic']);
    expect(stack.nodes.get('barn')?.text).not.toContain('still here');

    await stack.nodes.get('barn')?.says('the master refused this node: it was removed there', 60_000);
    expect((await admin.refusals())['join.removed']).toBeGreaterThan(0);

    stack.startNode('barn again', 3);
    const [, again] = await admin.nodesWhen((all) => all.length === 2 && all.every(({ sample }) => sample !== null));
    expect(again?.id).not.toBe(id);
    const { at } = await admin.get<{ at: number[] }>(`nodes/${again?.id}/history?minutes=60`);
    expect(Math.min(...at)).toBeGreaterThanOrEqual(again?.joinedAt ?? Number.POSITIVE_INFINITY);
    await admin.get(`nodes/${id}/history`).then(
      () => expect.unreachable('the removed node has a history'),
      (error: unknown) => expect(String(error)).toContain('404'),
    );
  },
);

type CurveKeys = ReturnType<typeof curveKeyPair>;

/** The CURVE pair in a node's state folder: what it has, or what `change` makes of it. */
function curveOf(state: string, change?: CurveKeys): CurveKeys {
  const path = join(state, 'identity.json');
  const kept: { curve: CurveKeys } = JSON.parse(readFileSync(path, 'utf8'));
  if (change !== undefined) writeFileSync(path, JSON.stringify({ ...kept, curve: change }));
  return kept.curve;
}

test(
  'though mq_zap_file names them all, a node that is removed comes by none of the hop keys that it ever had',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
    const node = stack.startNode('attic', 1);
    await node.says('joined the master');
    await Promise.all([node.stop(), stack.master.stop()]);
    const pairs = [curveOf(stack.stateOf('attic')), curveKeyPair(), curveKeyPair()];
    const file = join(stack.folder, 'may-connect');
    writeFileSync(file, pairs.map(({ publicKey }) => publicKey).join('\n'));
    await stack.restartMaster({ mq_zap_file: file });
    curveOf(stack.stateOf('attic'), pairs[1]);
    await stack.startNode('attic', 1).says('joined the master');
    const admin = await stack.signIn();

    const invite = parseInvite(readFileSync(join(stack.folder, 'nodes', 'invite-1'), 'utf8'));
    const serverKey = encodeZ85(invite.curve);
    const hops = pairs.map((pair) => new Hop(invite, 'data', { mechanism: 'curve', ...pair, serverKey }, []));
    using _ = { [Symbol.dispose]: () => hops.forEach((hop) => hop.close()) };
    expect(await Promise.all(hops.map((hop) => hop.opened(20_000)))).toEqual([true, true, true]);
    const [gone] = await admin.nodes();
    await admin.delete(`nodes/${gone?.id}`);
    await vi.waitFor(() => expect(hops.map(({ state }) => state)).toEqual(['denied', 'denied', 'open']), 20_000);
  },
);

interface Cuts {
  cuts: Record<string, number>;
}
