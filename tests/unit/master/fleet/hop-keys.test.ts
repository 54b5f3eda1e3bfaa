import { cloneAfterMs, cloneWatchMs } from '@sealcast/channel/constants';
import { formatHop } from '@sealcast/channel/hop-line';
import { expect, test } from 'vitest';
import { newIdentity, PaperFleet, PaperNode } from './paper-fleet.ts';

const dayMs = 86_400_000;

/** `node` from now on with a hop key that nobody had. */
function rekeyed(node: PaperNode): PaperNode {
  const { hopKey, hopSecret } = newIdentity();
  node.identity = { ...node.identity, hopKey, hopSecret };
  return node;
}

/** A node, and a copy of its identity with a hop key of its own that has joined after it, and has spoken. */
function copied() {
  const world = new PaperFleet();
  const node = world.node();
  const copy = rekeyed(node.again());
  copy.join();
  copy.report();
  return { world, node, copy, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

const admitted = (world: PaperFleet, ...nodes: PaperNode[]) =>
  nodes.map(({ identity }) => world.fleet.admits(identity.hopKey));
const inRoster = (world: PaperFleet, { id }: PaperNode) => world.store.roster.find(id)?.hopKey;

test('where a node was started anew with another hop key, the one before is let in while it is watched, and cut off then', () => {
  using set = copied();
  const { world, node: before, copy: after } = set;
  before.kill();
  world.pass(cloneWatchMs - 1);
  expect([world.dropped, admitted(world, before, after)]).toEqual([[], [true, true]]);
  world.pass(1);
  expect([world.dropped, admitted(world, before, after)]).toEqual([[before.hopKey], [false, true]]);
  expect(after.report()).toBeUndefined();
});

test('a copy that is held out is cut off with its hop key, and the node has its own in the roster again', () => {
  using set = copied();
  const { world, node, copy } = set;
  expect(inRoster(world, node)).toBe(copy.hopKey);
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(world.fleet.node(node.id)?.cloned).toBeTruthy();
  expect([world.dropped, admitted(world, node, copy)]).toEqual([[copy.hopKey], [true, false]]);
  expect(inRoster(world, node)).toBe(node.hopKey);
  world.restart();
  expect(admitted(world, node, copy)).toEqual([true, false]);
});

test('a copy that has said nothing when its node answers is cut off as well', () => {
  using world = new PaperFleet();
  const node = world.node();
  const copy = rekeyed(node.again());
  copy.join();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(world.fleet.node(node.id)?.cloned).toBeNull();
  expect([world.dropped, admitted(world, node, copy)]).toEqual([[copy.hopKey], [true, false]]);
  expect(inRoster(world, node)).toBe(node.hopKey);
});

test('of several copies each is cut off with its own hop key', () => {
  using set = copied();
  const { world, node, copy } = set;
  const third = rekeyed(node.again());
  third.join();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(world.dropped).toEqual([copy.hopKey, third.hopKey]);
  expect(admitted(world, node, copy, third)).toEqual([true, false, false]);
});

test('a copy that has the hop key of its node too does not cost the node its connections', () => {
  using world = new PaperFleet();
  const node = world.node();
  const copy = node.again();
  copy.join();
  copy.report();
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(world.fleet.node(node.id)?.cloned).toBeTruthy();
  expect([world.dropped, admitted(world, node)]).toEqual([[], [true]]);
});

test('an instance that leaves takes its hop key along, where the one before may be running', () => {
  using set = copied();
  const { world, node, copy } = set;
  copy.say({ kind: 'leave', body: {} });
  expect([world.dropped, admitted(world, node, copy)]).toEqual([[copy.hopKey], [true, false]]);
  expect(inRoster(world, node)).toBe(node.hopKey);
});

test('an instance that is watched, and joins anew with another hop key, is cut off with the one that it gave up', () => {
  using set = copied();
  const { world, node, copy } = set;
  const former = new PaperNode(world, node.identity);
  rekeyed(node).join();
  expect([world.dropped, admitted(world, former, node, copy)]).toEqual([[former.hopKey], [false, true, true]]);
  expect(inRoster(world, node)).toBe(copy.hopKey);
});

test('a node that is removed is cut off with every hop key that it ever had, and nobody else is', () => {
  using set = copied();
  const { world, node: before, copy: after } = set;
  const other = world.node();
  before.kill();
  world.pass(cloneWatchMs);
  world.dropped.length = 0;
  const watched = rekeyed(after.again());
  watched.join();
  world.fleet.remove(after.id, 'admin');
  const all = [before, after, watched];
  expect(world.dropped.toSorted()).toEqual(all.map(({ hopKey }) => hopKey).toSorted());
  expect(admitted(world, ...all, other)).toEqual([false, false, false, true]);
  for (const { identity } of all) {
    const thief = new PaperNode(world, { ...newIdentity(), hopKey: identity.hopKey });
    expect(thief.join(world.invite())).toBe(false);
  }
  expect(world.fleet.refusals()['join.key']).toBe(3);
});

test('a relay is not added with a key that is, or was, a node’s, and no node joins with a key that is, or was, a relay’s', () => {
  using set = copied();
  const { world, node: before, copy: after } = set;
  before.kill();
  world.pass(cloneWatchMs);
  const add = ({ identity }: PaperNode) => {
    const [host, curve] = ['barn.lan', newIdentity().hopKey];
    const line = formatHop({ host, data: [1, 2], join: [3, 4], curve, up: identity.hopKey });
    return world.fleet.addRelay({ name: 'barn', line, by: 'admin' });
  };
  expect([add(before), add(after), world.fleet.relays()]).toEqual(['taken', 'taken', []]);
  world.fleet.remove(after.id, 'admin');
  expect(add(before)).toBe('taken');

  const relay = new PaperNode(world);
  expect(add(relay)).toMatchObject({ name: 'barn' });
  expect(relay.join(world.invite())).toBe(false);
  world.fleet.removeRelay(world.fleet.relays()[0]?.id ?? '', 'admin');
  expect(relay.join(world.invite())).toBe(false);
  expect(add(relay)).toMatchObject({ name: 'barn' });
});

test('a node has sixteen hop keys, one more a day, and any of them for as long as it likes', () => {
  using world = new PaperFleet();
  const node = world.node();
  const { hopKey, hopSecret } = node.identity;
  const joins = Array.from({ length: 16 }, () => {
    world.pass(1000);
    return rekeyed(node).join();
  });
  expect(joins).toEqual([...Array.from({ length: 15 }, () => true), false]);
  expect(world.fleet.refusals()['join.key']).toBe(1);
  const { id } = node;
  node.identity = { ...node.identity, hopKey, hopSecret };
  expect([node.join(), world.fleet.admits(hopKey)]).toEqual([true, true]);

  // What it has had already is none of those that it may have each day.
  const newest = world.store.hopKeys.newestOf(id);
  world.clock.ms = newest + dayMs - 1;
  expect([node.join(), rekeyed(node).join(), world.store.hopKeys.of(id).length]).toEqual([true, false, 16]);
  world.clock.ms += 1;
  expect([node.join(), world.store.hopKeys.of(id).length]).toEqual([true, 17]);
  expect(rekeyed(node).join()).toBe(false);
  world.clock.ms += dayMs;
  expect([node.join(), rekeyed(node).join(), world.fleet.refusals()['join.key']]).toEqual([true, false, 4]);
});
