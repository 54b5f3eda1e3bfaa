// What is no clone, and the question whether a node still runs.
import { cloneAfterMs, cloneWatchMs, keepaliveMs } from '@sealcast/channel/constants';
import { expect, test } from 'vitest';
import { PaperFleet } from './paper-fleet.ts';
import { copied, cloned, acks } from './copies.ts';

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
