import { expect, test } from 'vitest';
import { facts } from '../sample.ts';
import { PaperFleet, PaperNode } from './paper-fleet.ts';

test('a node is called by the name that it was given, among its receipts too, and then again as it says itself', () => {
  using world = new PaperFleet();
  const node = world.node();
  world.text('hello');
  const names = () => [world.fleet.node(node.id)?.name, world.fleet.commands(1)[0]?.receipts[0]?.name];
  expect(names()).toEqual([node.id.slice(0, 8), node.id.slice(0, 8)]);
  expect(world.fleet.rename(node.id, 'the loft', 'alice')).toBe(true);
  expect(names()).toEqual(['the loft', 'the loft']);
  expect(world.logged('a node was renamed')).toMatchObject([{ node: node.id, name: 'the loft', by: 'alice' }]);
  node.say({ kind: 'facts', body: { ...facts, name: 'pi' } });
  expect(names()).toEqual(['the loft', 'the loft']);
  expect(world.fleet.node(node.id)?.facts?.name).toBe('pi');
  world.fleet.rename(node.id, null, 'alice');
  expect(names()).toEqual(['pi', 'pi']);
});

test('who is not there, or was removed, is given no name', () => {
  using world = new PaperFleet();
  const node = world.node();
  world.fleet.remove(node.id, 'admin');
  expect(world.fleet.rename(node.id, 'x', 'admin')).toBe(false);
  expect(world.fleet.rename('ff'.repeat(16), 'x', 'admin')).toBe(false);
  expect(world.store.roster.find(node.id)?.label).toBe(null);
});

test('before it has told of itself, a node has the name of its invite, where a person gave it one', () => {
  using world = new PaperFleet();
  const node = new PaperNode(world);
  node.join(world.invite('the shed'));
  world.text('hello');
  expect(world.fleet.commands(1)[0]?.receipts[0]?.name).toBe('the shed');
});
