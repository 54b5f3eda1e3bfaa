// A middle that can't be trusted: it records, alters, drops, repeats and reorders.
import { parseHop } from '@sealcast/channel/hop-line';
import { expect, test } from 'vitest';
import type { Admin } from '../stack/admin.ts';
import { FalseRelay } from '../stack/false-relay.ts';
import { inviteThrough, type KnownRelay, masterLine, tellOf } from '../stack/relay-process.ts';
import { Stack } from '../stack/stack.ts';

interface Site extends AsyncDisposable {
  stack: Stack;
  admin: Admin;
  relay: FalseRelay;
  /** One that comes through the relay. */
  startNode: (name: string) => Promise<void>;
}

async function site(): Promise<Site> {
  const disposing = new AsyncDisposableStack();
  const stack = disposing.use(await Stack.start({ master: { report_interval: '1' } }));
  const admin = await stack.signIn();
  let known: KnownRelay | undefined;
  const tell = async (line: string) => (known = await tellOf(admin, line));
  const relay = disposing.use(await FalseRelay.start(parseHop(await masterLine(admin)), tell));
  const startNode = async (name: string) => {
    if (known === undefined) throw new Error('the master was told of no relay');
    stack.startNode(name, 0, { mq_invite_code: await inviteThrough(admin, known, name) });
    await admin.nodesWhen((nodes) => nodes.some((node) => node.facts?.name === name && node.sample !== null));
  };
  return { stack, admin, relay, startNode, [Symbol.asyncDispose]: () => disposing.disposeAsync() };
}

async function confirms(admin: Admin, text: string): Promise<string[]> {
  const { id } = await admin.broadcast(text);
  return (await admin.confirmed(id)).receipts.map(({ name }) => name);
}

/** Resolves when the master has counted `code` at least `atLeast` times. */
async function refuses(admin: Admin, code: string, atLeast = 1): Promise<void> {
  await admin.watch(async () => (((await admin.refusals())[code] ?? 0) >= atLeast ? true : undefined));
}

test('a relay that records reads neither a text, nor a name, nor an id, nor a key', async () => {
  await using here = await site();
  const { admin, relay, startNode } = here;
  await startNode('greenhouse');
  await confirms(admin, 'water the tomatoes');
  const [node] = await admin.nodes();
  const carried = Buffer.concat(relay.recorded.flatMap(({ topic, frame }) => [topic, frame]));
  expect(relay.recorded.length).toBeGreaterThan(10);
  const id = Buffer.from(node?.id ?? '', 'hex');
  expect(id).toHaveLength(16);
  for (const secret of [
    ...['greenhouse', 'water the tomatoes', node?.facts?.kernel ?? '?'].map((text) => Buffer.from(text)),
    id,
  ])
    expect(carried.includes(secret)).toBe(false);
});

test('whatever a relay alters on the way up is refused and counted, and comes again', async () => {
  await using here = await site();
  const { admin, relay, startNode } = here;
  await startNode('greenhouse');
  const before = await admin.nodes();
  let altered = 0;
  relay.meddle = (carried) => {
    if (carried.direction === 'down' || carried.name === 'join' || altered === 3) return [carried];
    altered += 1;
    const frame = Buffer.from(carried.frame);
    frame.writeUInt8(frame.readUInt8(frame.length - 20) ^ 1, frame.length - 20);
    return [{ ...carried, frame }];
  };
  await refuses(admin, 'seal.open', 3);
  const seen = before[0]?.sample?.number ?? 0;
  const [after] = await admin.nodesWhen(([node]) => (node?.sample?.number ?? 0) > seen + 5);
  expect(after?.state).toBe('alive');
});

test('whatever a relay alters on the way down is refused by the node, and comes again', async () => {
  await using here = await site();
  const { stack, admin, relay, startNode } = here;
  await startNode('greenhouse');
  let altered = 0;
  relay.meddle = (carried) => {
    if (carried.direction === 'up' || carried.name === 'join' || altered === 3) return [carried];
    altered += 1;
    const frame = Buffer.from(carried.frame);
    frame.writeUInt8(frame.readUInt8(40) ^ 0x80, 40);
    return [{ ...carried, frame }];
  };
  const node = stack.nodes.get('greenhouse');
  await node?.line((line) => line['code'] === 'seal.open');
  expect(await confirms(admin, 'after what was altered')).toEqual(['greenhouse']);
  expect(altered).toBe(3);
});

test('what a relay drops is asked for again, and nothing is missing afterwards', async () => {
  await using here = await site();
  const { stack, admin, relay, startNode } = here;
  await startNode('greenhouse');
  let dropped = 0;
  relay.meddle = (carried) => {
    if (carried.name === 'join' || dropped === 6) return [carried];
    dropped += 1;
    return [];
  };
  for (const text of ['one', 'two', 'three']) await confirms(admin, text);
  expect(dropped).toBe(6);
  const node = stack.nodes.get('greenhouse');
  for (const text of ['one', 'two', 'three'])
    expect(node?.lines.filter((line) => line['text'] === text)).toHaveLength(1);
});

test('facts that a relay drops are sent again, and the node has its name', async () => {
  await using here = await site();
  const { relay, startNode } = here;
  let dropped = 0;
  relay.meddle = (carried) => {
    if (carried.name === 'join' || carried.direction === 'down' || dropped === 3) return [carried];
    dropped += 1;
    return [];
  };
  await startNode('greenhouse');
  expect(dropped).toBe(3);
});

test('what a relay repeats is refused and counted, and done once', async () => {
  await using here = await site();
  const { stack, admin, relay, startNode } = here;
  await startNode('greenhouse');
  relay.meddle = (carried) => (carried.name === 'join' ? [carried] : [carried, carried]);
  await confirms(admin, 'only once');
  await refuses(admin, 'sequence.replayed', 3);
  const node = stack.nodes.get('greenhouse');
  await node?.line((line) => line['code'] === 'sequence.replayed');
  expect(node?.lines.filter((line) => line['text'] === 'only once')).toHaveLength(1);
  for (const carried of relay.recorded.slice()) relay.pass(carried);
  await confirms(admin, 'after all of it was said again');
  expect(node?.lines.filter((line) => line['text'] === 'only once')).toHaveLength(1);
});

test('what a relay reorders arrives whole', async () => {
  await using here = await site();
  const { stack, admin, relay, startNode } = here;
  await startNode('greenhouse');
  let held: Parameters<typeof relay.meddle>[0] | undefined;
  let swapped = 0;
  relay.meddle = (carried) => {
    if (carried.name === 'join' || carried.direction === 'up') return [carried];
    if (held === undefined) {
      held = carried;
      return [];
    }
    const both = [carried, held];
    held = undefined;
    swapped += 1;
    return both;
  };
  for (const text of ['first', 'second', 'third']) await confirms(admin, text);
  expect(swapped).toBeGreaterThan(2);
  const node = stack.nodes.get('greenhouse');
  for (const text of ['first', 'second', 'third'])
    expect(node?.lines.filter((line) => line['text'] === text)).toHaveLength(1);
});

test('what one node said through a relay is taken from no other', async () => {
  await using here = await site();
  const { admin, relay, startNode } = here;
  await startNode('greenhouse');
  await startNode('shed');
  const up = relay.recorded.filter(({ direction, name }) => direction === 'up' && name === 'data');
  const [one] = up;
  const other = up.find(({ frame }) => one !== undefined && !frame.subarray(4, 12).equals(one.frame.subarray(4, 12)));
  if (one === undefined || other === undefined) throw new Error('two sessions were expected');
  const crossed = Buffer.from(one.frame);
  other.frame.copy(crossed, 4, 4, 12);
  const before = (await admin.refusals())['seal.open'] ?? 0;
  relay.pass({ ...one, frame: crossed });
  await refuses(admin, 'seal.open', before + 1);
  expect((await admin.nodes()).map(({ state }) => state)).toEqual(['alive', 'alive']);
});
