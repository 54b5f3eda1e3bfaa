// An instance that joins anew while it is watched, or after its copy has left.
import { cloneAfterMs, cloneWatchMs } from '@sealcast/channel/constants';
import { expect, test, vi } from 'vitest';
import { sample } from '../sample.ts';
import { PaperFleet, type PaperNode } from './paper-fleet.ts';
import { copied, cloned, acks, askedWhileItJoins } from './copies.ts';

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
