// Two machines with one identity: the first stays, and the other is held out.
import { awayMs, cloneAfterMs, keepaliveMs } from '@sealcast/channel/constants';
import { expect, test, vi } from 'vitest';
import { facts, sample } from '../sample.ts';
import { PaperFleet, type PaperNode } from './paper-fleet.ts';
import { copied, cloned, acks } from './copies.ts';

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
