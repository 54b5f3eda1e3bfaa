import { awayMs, cloneAfterMs, cloneWatchMs, keepaliveMs, pendingJoinMs } from '@sealcast/channel/constants';
import type { Message, UpMessage } from '@sealcast/channel/session';
import { expect, test, vi } from 'vitest';
import { facts, sample } from '../sample.ts';
import { PaperFleet, type PaperNode } from './paper-fleet.ts';

/** A node, and a copy of its identity that has joined after it. */
function copied() {
  const world = new PaperFleet();
  const node = world.node();
  const copy = node.again();
  copy.join();
  copy.report();
  return { world, node, copy, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

const cloned = (world: PaperFleet, node: PaperNode) => world.fleet.node(node.id)?.cloned;
const acks = (node: PaperNode) => node.heard.filter(({ kind }) => kind === 'ack').length;

test('of two machines with one identity the first stays, and the second is held out and shown', () => {
  using set = copied();
  const { world, node, copy } = set;
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toEqual({ since: world.clock.ms, tries: 0 });
  node.report();
  expect(acks(node)).toBeGreaterThan(0);
  expect(copy.report()).toBe('key.unknown');
  expect([copy.join(), copy.again().join()]).toEqual([false, false]);
  expect(world.fleet.refusals()['join.cloned']).toBe(2);
  expect(cloned(world, node)?.tries).toBe(2);
  expect(world.logged('runs on two machines')).toHaveLength(1);
});

test('a copy is found within the watch, however seldom its node speaks', () => {
  using set = copied();
  set.world.pass(keepaliveMs);
  set.node.report();
  expect(cloned(set.world, set.node)).toBeTruthy();
});

test('the one that stays may rekey while the other is held out', () => {
  using set = copied();
  const { world, node, copy } = set;
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(node.join()).toBe(true);
  expect(node.report()).toBeUndefined();
  expect(copy.join()).toBe(false);
  expect(cloned(world, node)).toBeTruthy();
});

test('once the one that stays has left, another may come', () => {
  using set = copied();
  set.world.pass(cloneAfterMs + 1);
  set.node.report();
  set.node.say({ kind: 'leave', body: {} });
  expect(cloned(set.world, set.node)).toBeNull();
  expect(set.copy.join()).toBe(true);
});

test('once the one that stays has been away for its time, another may come', () => {
  using set = copied();
  set.world.pass(cloneAfterMs + 1);
  set.node.report();
  set.world.pass(awayMs - 1);
  expect(set.copy.join()).toBe(false);
  set.world.pass(1);
  expect(cloned(set.world, set.node)).toBeNull();
  expect(set.copy.join()).toBe(true);
});

test('an operator lets the next one in, and where both still run it is found again', () => {
  using set = copied();
  const { world, node, copy } = set;
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(world.fleet.endClone(node.id, 'admin')).toBe(true);
  expect(world.logged('may join again')).toMatchObject([{ node: node.id, by: 'admin' }]);
  expect(cloned(world, node)).toBeNull();
  expect(copy.join()).toBe(true);
  copy.report();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
});

test('who is held out of no node is let into none', () => {
  using world = new PaperFleet();
  expect(world.fleet.endClone('ff'.repeat(16), 'admin')).toBe(false);
});

test('after a start of the master a copy is found again', () => {
  using set = copied();
  const { world, node, copy } = set;
  world.pass(cloneAfterMs + 1);
  node.report();
  world.restart();
  expect(cloned(world, node)).toBeNull();
  for (const one of [node, copy]) {
    expect(one.join()).toBe(true);
    one.report();
  }
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect(copy.join()).toBe(false);
});

test('what a copy reported and said of itself is dropped when it is found, and its node goes on where it was', async () => {
  using world = new PaperFleet();
  const node = world.node();
  const onDisk = (number: number) => vi.waitFor(() => expect(world.store.samples.through(node.id)).toBe(number));
  const report = (from: PaperNode, ...numbers: number[]) =>
    from.say({ kind: 'report', body: { samples: numbers.map((number) => sample(number, world.clock.ms)) } });
  node.say({ kind: 'facts', body: facts });
  report(node, 1, 2);
  await onDisk(2);
  const copy = node.again();
  copy.join();
  copy.say({ kind: 'facts', body: { ...facts, name: 'copy' } });
  report(copy, 1025, 1026);
  await onDisk(1026);
  world.pass(cloneAfterMs + 1);
  report(node, 3);
  expect(cloned(world, node)).toBeTruthy();
  expect(world.fleet.node(node.id)?.name).toBe('pi');
  expect(world.store.samples.through(node.id)).toBe(2);
  report(node, 3);
  await onDisk(3);
  expect(world.fleet.node(node.id)?.sample?.number).toBe(3);
  expect(node.heard.at(-1)).toMatchObject({ kind: 'ack', body: { through: 3 } });
});

test('what a node reported while it was watched stays', async () => {
  using world = new PaperFleet();
  const node = world.node();
  const copy = node.again();
  copy.join();
  copy.report();
  const onDisk = (number: number) => vi.waitFor(() => expect(world.store.samples.through(node.id)).toBe(number));
  copy.say({ kind: 'report', body: { samples: [sample(1025, world.clock.ms)] } });
  await onDisk(1025);
  node.say({ kind: 'report', body: { samples: [sample(1, world.clock.ms), sample(2, world.clock.ms)] } });
  await vi.waitFor(() => expect(world.store.samples.history(node.id, 0, 2e12, 1).at).toHaveLength(1));
  await vi.waitFor(() => expect(copy.heard.filter(({ kind }) => kind === 'ack')).toHaveLength(3));
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect(world.store.samples.through(node.id)).toBe(2);
  expect(world.fleet.node(node.id)?.sample?.number).toBe(2);
});

test('of three machines with one identity the first stays, whichever speaks first', () => {
  using set = copied();
  const { world, node, copy } = set;
  const third = node.again();
  third.join();
  third.report();
  world.pass(cloneAfterMs + 1);
  copy.report();
  node.report();
  expect(node.report()).toBeUndefined();
  expect([copy.join(), third.join()]).toEqual([false, false]);
});

/** The node is asked whether it still runs, and joins anew before it has answered. Gives its answer. */
function askedWhileItJoins(world: PaperFleet, node: PaperNode): UpMessage {
  const { session } = node;
  if (session === undefined) throw new Error('the node has no session');
  world.hearers.clear();
  const questions: Message[] = [];
  world.hear(session.topic, (frame) => questions.push(session.open(frame)));
  node.report();
  expect(node.join()).toBe(true);
  const [id] = questions.flatMap((one) => (one.kind === 'command' ? [one.body.id] : []));
  if (id === undefined) throw new Error('the node was not asked');
  return { kind: 'receipt', body: { command: id, outcome: 'expired' } };
}

test('a node that joins anew while it is asked back answers in its newer session, and stays', () => {
  using set = copied();
  const { world, node, copy } = set;
  world.pass(cloneAfterMs + 1);
  const answer = askedWhileItJoins(world, node);
  expect(cloned(world, node)).toBeNull();
  expect(node.say(answer)).toBeUndefined();
  expect(cloned(world, node)).toEqual({ since: world.clock.ms, tries: 0 });
  node.report();
  expect(acks(node)).toBeGreaterThan(0);
  expect([copy.report(), copy.join()]).toEqual(['key.unknown', false]);
  world.pass(cloneWatchMs);
  expect(node.report()).toBeUndefined();
});

test('an answer of another instance, or to another question, proves nothing', () => {
  using set = copied();
  const { world, node, copy } = set;
  world.pass(cloneAfterMs + 1);
  const answer = askedWhileItJoins(world, node);
  const third = node.again();
  third.join();
  for (const other of [copy, third]) other.say(answer);
  node.say({ kind: 'receipt', body: { command: Buffer.alloc(16, 7), outcome: 'expired' } });
  expect(cloned(world, node)).toBeNull();
  expect([copy.report(), third.report()]).toEqual([undefined, undefined]);
});

test.for([1000, cloneAfterMs + 1])(
  'a node that joins anew %i ms after its copy stays, though the copy speaks first',
  (afterMs) => {
    using set = copied();
    const { world, node, copy } = set;
    world.pass(afterMs);
    expect(node.join()).toBe(true);
    const before = acks(copy);
    for (let times = 0; times < 3; times += 1) {
      world.pass(1000);
      copy.report();
    }
    expect([acks(copy), cloned(world, node)]).toEqual([before + 3, null]);
    node.report();
    expect(cloned(world, node)).toBeTruthy();
    expect([copy.report(), copy.join()]).toEqual(['key.unknown', false]);
    node.report();
    expect(acks(node)).toBeGreaterThan(0);
    world.pass(cloneWatchMs);
    expect(node.report()).toBeUndefined();
  },
);

test('a node that joins anew while it is watched is told nothing of what its copy reported', async () => {
  using world = new PaperFleet();
  const node = world.node();
  const onDisk = (number: number) => vi.waitFor(() => expect(world.store.samples.through(node.id)).toBe(number));
  const report = (from: PaperNode, ...numbers: number[]) =>
    from.say({ kind: 'report', body: { samples: numbers.map((number) => sample(number, world.clock.ms)) } });
  report(node, 1, 2);
  await onDisk(2);
  const copy = node.again();
  copy.join();
  report(copy, 1025);
  await onDisk(1025);
  node.join();
  expect(node.welcome?.through).toBe(2);
  world.pass(cloneAfterMs + 1);
  report(node, 3);
  expect(cloned(world, node)).toBeTruthy();
  expect(world.store.samples.through(node.id)).toBe(2);
});

test('who joins anew while it is watched, and never answers, is one that took over itself after four watches', () => {
  using world = new PaperFleet();
  const thief = world.node();
  const node = thief.again();
  node.join();
  thief.kill();
  const passes = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5000) {
      world.pass(5000);
      thief.join();
      node.report();
    }
  };
  passes(4 * cloneWatchMs - 5000);
  expect([cloned(world, node), thief.report()]).toEqual([null, undefined]);
  passes(5000);
  expect(thief.report()).toBeUndefined();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect([thief.join(), thief.report(), node.report()]).toEqual([false, 'key.unknown', undefined]);
});

test('one that holds again since its copy has left, and does not answer, can take back no more after four watches', async () => {
  using set = copied();
  const { world, node: thief, copy: node } = set;
  const onDisk = (number: number) => vi.waitFor(() => expect(world.store.samples.through(node.id)).toBe(number));
  const report = (from: PaperNode, number: number) =>
    from.say({ kind: 'report', body: { samples: [sample(number, world.clock.ms)] } });
  report(node, 7);
  await onDisk(7);
  node.say({ kind: 'leave', body: {} });
  thief.join();
  world.pass(4 * cloneWatchMs);
  expect(thief.report()).toBeUndefined();
  node.again().join();
  world.pass(cloneAfterMs + 1);
  thief.report();
  expect(world.store.samples.through(node.id)).toBe(7);
});

test('a node that joins anew after its copy has left is asked back still, and what the copy answered comes again', () => {
  using set = copied();
  const { world, node, copy } = set;
  const id = world.text('hello', [node.id]);
  copy.say({ kind: 'leave', body: {} });
  node.join();
  world.pass(cloneAfterMs + 1);
  expect([copy.texts, node.texts]).toEqual([['hello'], []]);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  world.pass(1000);
  expect(node.texts).toEqual(['hello']);
  expect(world.fleet.commands(1)).toMatchObject([{ id, receipts: [{ outcome: 'done' }] }]);
  world.pass(cloneWatchMs);
  expect(node.report()).toBeUndefined();
});

test('of three machines the one that came last leaves, and the one before it is the current one, whoever joined anew since', () => {
  using set = copied();
  const { node, copy } = set;
  const third = node.again();
  third.join();
  node.join();
  third.say({ kind: 'leave', body: {} });
  const before = acks(copy);
  copy.report();
  expect([acks(copy), acks(node)]).toEqual([before + 1, 0]);
});

test('a node that was killed and started again at once is no clone', () => {
  using world = new PaperFleet();
  const node = world.node();
  node.report();
  node.kill();
  const again = node.again();
  expect(again.join()).toBe(true);
  for (let times = 0; times < 20; times += 1) {
    again.report();
    world.pass(1000);
  }
  expect(cloned(world, node)).toBeNull();
  expect(again.report()).toBeUndefined();
});

test.for([1, cloneAfterMs, cloneAfterMs + 1, keepaliveMs, cloneWatchMs - 1])(
  'what a killed node said and came %i ms after its next start makes it no clone',
  (lateMs) => {
    using world = new PaperFleet();
    const node = world.node();
    const underWay = Array.from({ length: 10 }, () => node.seal({ kind: 'report', body: { samples: [] } }));
    node.kill();
    const again = node.again();
    again.join();
    again.report();
    world.pass(lateMs);
    for (const frame of underWay) expect(node.send(frame)).toBeUndefined();
    world.pass(cloneWatchMs);
    expect(cloned(world, node)).toBeNull();
    expect(again.report()).toBeUndefined();
    expect(again.join()).toBe(true);
  },
);

test('a CONFIRM of a killed node that came late makes it no clone', () => {
  using world = new PaperFleet();
  const node = world.node();
  const rekeying = node.hello();
  node.kill();
  const again = node.again();
  again.join();
  again.report();
  if (rekeying !== undefined) node.send(rekeying.confirm, 'join');
  world.pass(cloneAfterMs + 1);
  again.report();
  expect(cloned(world, node)).toBeNull();
  again.report();
  expect(acks(again)).toBeGreaterThan(1);
  expect(again.join()).toBe(true);
});

test('a node that rekeys is no clone, also where what it said under the old session comes late', () => {
  using world = new PaperFleet();
  const node = world.node();
  const underWay = node.seal({ kind: 'report', body: { samples: [] } });
  node.join();
  world.pass(cloneAfterMs + 1);
  expect(node.send(underWay)).toBeUndefined();
  node.report();
  expect(cloned(world, node)).toBeNull();
  expect(node.heard.filter(({ kind }) => kind === 'command')).toEqual([]);
});

test('a receipt for what was not asked proves nothing', () => {
  using set = copied();
  set.node.kill();
  set.world.pass(cloneAfterMs + 1);
  set.node.say({ kind: 'receipt', body: { command: Buffer.alloc(16, 7), outcome: 'expired' } });
  set.node.say({ kind: 'receipt', body: { command: Buffer.alloc(16, 8), outcome: 'expired' } });
  expect(cloned(set.world, set.node)).toBeNull();
  expect(set.copy.report()).toBeUndefined();
});

test('whether a node still runs is asked once a second, and shows nowhere', () => {
  using set = copied();
  const { world, node } = set;
  node.kill();
  let asked = 0;
  if (node.session !== undefined) world.hear(node.session.topic, () => (asked += 1));
  world.pass(cloneAfterMs);
  node.report();
  expect(asked).toBe(0);
  world.pass(1);
  for (let times = 0; times < 10; times += 1) node.report();
  expect(asked).toBe(1);
  world.pass(1000);
  node.report();
  expect(asked).toBe(2);
  expect(world.fleet.commands(10)).toEqual([]);
});

test('a node that is asked whether it still runs does nothing else', () => {
  using set = copied();
  set.world.pass(cloneAfterMs + 1);
  set.node.report();
  const commands = set.node.heard.flatMap((one) => (one.kind === 'command' ? [one.body] : []));
  expect(commands).toMatchObject([{ issued: 0, expires: 0 }]);
  expect(set.node.texts).toEqual([]);
});

test('a copy that joins, listens and says nothing is found as any other', () => {
  using world = new PaperFleet();
  const node = world.node();
  world.pass(pendingJoinMs + 1);
  const copy = node.again();
  copy.kill();
  copy.join();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect([copy.join(), node.again().join(), node.report()]).toEqual([false, false, undefined]);
});

test('a node that has just rekeyed, or joins anew while it is watched, is told from a silent copy as well', () => {
  using world = new PaperFleet();
  const node = world.node();
  world.pass(pendingJoinMs + 1);
  node.join();
  const copy = node.again();
  copy.kill();
  copy.join();
  node.join();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
});

test('a copy that leaves does not take the session of its node along', () => {
  using set = copied();
  const { world, node, copy } = set;
  expect(copy.say({ kind: 'leave', body: {} })).toBeUndefined();
  expect(copy.report()).toBe('key.unknown');
  expect(node.report()).toBeUndefined();
  expect(acks(node)).toBe(1);
  expect(world.fleet.node(node.id)?.state).toBe('alive');
});

test('a copy that comes and leaves again and again is found, and held out', () => {
  using set = copied();
  const { world, node, copy } = set;
  copy.say({ kind: 'leave', body: {} });
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect([copy.join(), node.report()]).toEqual([false, undefined]);
  world.pass(cloneWatchMs);
  expect(node.report()).toBeUndefined();
});

test('a node that was killed, started again and stopped is away, and may come again', () => {
  using world = new PaperFleet();
  const node = world.node();
  node.kill();
  const again = node.again();
  again.join();
  again.say({ kind: 'leave', body: {} });
  world.pass(awayMs);
  expect(world.fleet.node(node.id)?.state).toBe('away');
  expect(node.again().join()).toBe(true);
});

test('a copy that joins anew every second is found as any other', () => {
  using world = new PaperFleet();
  const node = world.node();
  node.report();
  for (let times = 0; times < 3; times += 1) {
    const copy = node.again();
    copy.join();
    copy.report();
    world.pass(1000);
  }
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect(node.again().join()).toBe(false);
  world.pass(cloneWatchMs);
  expect(node.report()).toBeUndefined();
});

test.for(['stays', 'leaves', 'rekeys'])('what a copy that %s has answered is asked of its node again', (what) => {
  using set = copied();
  const { world, node, copy } = set;
  const outcome = (id: string) => world.fleet.commands(9).find((one) => one.id === id)?.receipts[0]?.outcome;
  const before = world.text('before', [node.id]);
  if (what === 'rekeys') copy.join();
  const after = world.text('after', [node.id]);
  expect([outcome(before), outcome(after), copy.texts]).toEqual(['done', 'done', ['before', 'after']]);
  if (what === 'leaves') copy.say({ kind: 'leave', body: {} });
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(cloned(world, node)).toBeTruthy();
  expect([outcome(before), outcome(after), node.texts]).toEqual(['waiting', 'waiting', []]);
  world.pass(1000);
  expect([outcome(before), outcome(after), node.texts]).toEqual(['done', 'done', ['before', 'after']]);
});

test('what a node itself has answered stays answered when its copy is found', () => {
  using world = new PaperFleet();
  const node = world.node();
  world.text('hello', [node.id]);
  node.again().join();
  world.pass(cloneAfterMs + 1);
  node.report();
  world.pass(1000);
  expect(world.fleet.commands(1)[0]?.receipts).toMatchObject([{ outcome: 'done' }]);
  expect(node.texts).toEqual(['hello']);
});
