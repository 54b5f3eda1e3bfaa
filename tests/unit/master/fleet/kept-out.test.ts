import { formatHop } from '@sealcast/channel/hop-line';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PaperFleet, type PaperNode } from './paper-fleet.ts';

let world: PaperFleet;
let node: PaperNode;

beforeEach(() => {
  world = new PaperFleet();
  node = world.node();
});

afterEach(() => world[Symbol.dispose]());

const shown = () => world.fleet.node(node.id);
const refuse = () => world.fleet.decided(node.identity.hopKey, false, 'mq_zap_file');

test('a node that has joined and is kept out is away since then, and shown with its key and by what', () => {
  const joinedAt = world.clock.ms;
  expect(shown()).toMatchObject({ state: 'alive', keptOut: null });
  world.pass(3000);
  refuse();
  const keptOut = { since: joinedAt + 3000, hopKey: node.hopKey, by: 'mq_zap_file' };
  expect(shown()).toMatchObject({ state: 'away', since: keptOut.since, keptOut });
  // It comes again and again, and each time the same is found.
  world.pass(20_000);
  node.join();
  refuse();
  expect(shown()).toMatchObject({ state: 'away', since: keptOut.since, keptOut });
  const told = world.logged('kept out of the data ports');
  expect(told).toMatchObject([{ level: 'warn', nodes: [node.id], by: 'mq_zap_file', hopKey: node.hopKey }]);
});

test('a node that is let in again is as any other', () => {
  refuse();
  world.fleet.decided(node.identity.hopKey, true, 'mq_zap_file');
  expect(shown()).toMatchObject({ state: 'alive', keptOut: null });
  expect(world.logged('is let in')).toHaveLength(1);
  world.fleet.decided(node.identity.hopKey, true, 'mq_zap_file');
  expect(world.logged('is let in')).toHaveLength(1);
});

test('a node that reports is kept out no more, whatever way it came', () => {
  refuse();
  node.report();
  expect(shown()).toMatchObject({ state: 'alive', keptOut: null });
});

test('a node that comes again and again while it is heard through a relay is told of once, and again when it is heard no more', () => {
  refuse();
  for (let tries = 0; tries < 10; tries += 1) {
    node.report();
    refuse();
    world.pass(10_000);
  }
  expect(shown()).toMatchObject({ state: 'alive', keptOut: null });
  expect(world.logged('kept out of the data ports: ')).toHaveLength(1);
  expect(world.logged('is heard by another way')).toMatchObject([{ level: 'info', node: node.id }]);
  world.pass(20_000);
  refuse();
  refuse();
  expect(shown()).toMatchObject({ state: 'away', keptOut: { since: world.clock.ms, hopKey: node.hopKey } });
  expect(world.logged('kept out of the data ports: ')).toHaveLength(2);
  world.fleet.decided(node.identity.hopKey, true, 'mq_zap_file');
  expect(world.logged('is let in')).toHaveLength(1);
});

test('a node that is kept out for longer than one may be silent stays kept out, and the page is told', async () => {
  refuse();
  world.pass(60_000);
  expect(shown()).toMatchObject({ state: 'away', keptOut: { by: 'mq_zap_file' } });
  await expect
    .poll(() => world.events.at(-1))
    .toMatchObject({ type: 'node', node: { id: node.id, keptOut: { hopKey: node.hopKey } } });
});

test('a relay that is kept out is shown so', () => {
  const up = Buffer.alloc(32, 7);
  const line = formatHop({ host: 'barn', data: [1, 2], join: [3, 4], curve: Buffer.alloc(32, 8), up });
  world.fleet.addRelay({ name: 'barn', line, by: 'admin' });
  world.fleet.decided(up, false, 'mq_zap_command');
  expect(world.fleet.relays()).toMatchObject([{ keptOut: { by: 'mq_zap_command', hopKey: up.toString('hex') } }]);
  expect(world.logged('kept out')).toMatchObject([{ relay: world.fleet.relays()[0]?.id }]);
  world.fleet.removeRelay(world.fleet.relays()[0]?.id ?? '', 'admin');
  expect(world.fleet.addRelay({ name: 'barn', line, by: 'admin' })).toMatchObject({ keptOut: null });
});

test('a relay that comes and goes is seen every second', () => {
  const up = Buffer.alloc(32, 7);
  const line = formatHop({ host: 'barn', data: [1, 2], join: [3, 4], curve: Buffer.alloc(32, 8), up });
  world.fleet.addRelay({ name: 'barn', line, by: 'admin' });
  world.relays.add(up.toString('hex'));
  world.pass(1000);
  expect(world.fleet.relays()).toMatchObject([{ connected: true, since: world.clock.ms }]);
  world.relays.clear();
  world.pass(1000);
  expect(world.fleet.relays()).toMatchObject([{ connected: false, since: world.clock.ms }]);
  expect(world.logged('a relay is').map(({ level }) => level)).toEqual(['info', 'warn']);
});
