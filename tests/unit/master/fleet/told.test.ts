// FACTS that a middle holds back, and those that were told while a copy ran.
import { cloneAfterMs } from '@sealcast/channel/constants';
import type { Facts } from '@sealcast/channel/payloads';
import { expect, test } from 'vitest';
import { facts } from '../sample.ts';
import { PaperFleet, type PaperNode } from './paper-fleet.ts';

const factsOf = (name: string): { kind: 'facts'; body: Facts } => ({ kind: 'facts', body: { ...facts, name } });

/** The sequence of the newest FACTS, as the ACK of a report tells it. */
function acknowledged(world: PaperFleet, node: PaperNode): number | undefined {
  node.report();
  world.pass(2000);
  const ack = node.heard.findLast(({ kind }) => kind === 'ack');
  return ack?.kind === 'ack' ? ack.body.facts : undefined;
}

test('ACK tells the sequence of the newest FACTS of its session, and nothing where there are none', () => {
  using world = new PaperFleet();
  const node = world.node();
  expect(acknowledged(world, node)).toBeUndefined();
  node.say(factsOf('pi'));
  expect(acknowledged(world, node)).toBe(2);
  node.join();
  expect(acknowledged(world, node)).toBeUndefined();
});

test('FACTS that were held back change nothing, in the same session and after new keys', () => {
  using world = new PaperFleet();
  const node = world.node();
  const name = () => world.fleet.node(node.id)?.facts?.name;
  const [first, second] = [node.seal(factsOf('old')), node.seal(factsOf('new'))];
  expect(node.send(second)).toBeUndefined();
  world.pass(2000);
  expect(node.send(first)).toBeUndefined();
  expect([acknowledged(world, node), name()]).toEqual([2, 'new']);
  const held = node.seal(factsOf('older'));
  node.join();
  node.say(factsOf('newest'));
  world.pass(2000);
  expect(node.send(held)).toBeUndefined();
  expect([acknowledged(world, node), name()]).toEqual([1, 'newest']);
});

test('what a node told while a copy of it ran is asked for again once the copy is found', () => {
  using world = new PaperFleet();
  const node = world.node();
  node.say(factsOf('before'));
  world.pass(2000);
  const copy = node.again();
  copy.join();
  copy.say(factsOf('copy'));
  world.pass(2000);
  node.say(factsOf('meanwhile'));
  world.pass(cloneAfterMs + 1000);
  node.report();
  world.pass(2000);
  expect(world.fleet.node(node.id)?.cloned).not.toBeNull();
  expect(world.fleet.node(node.id)?.facts?.name).toBe('before');
  expect(acknowledged(world, node)).toBeUndefined();
});
