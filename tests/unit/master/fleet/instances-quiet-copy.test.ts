// Copies that say nothing, that come and go, and that answer in their node's place.
import { awayMs, cloneAfterMs, cloneWatchMs, pendingJoinMs } from '@sealcast/channel/constants';
import { expect, test } from 'vitest';
import { PaperFleet } from './paper-fleet.ts';
import { copied, cloned, acks } from './copies.ts';

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
