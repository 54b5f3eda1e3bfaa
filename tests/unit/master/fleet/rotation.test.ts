import { cloneAfterMs, cloneWatchMs } from '@sealcast/channel/constants';
import { fingerprint } from '@sealcast/channel/master-keys';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import { makeRotate } from '@sealcast/channel/rotate';
import { expect, test } from 'vitest';
import { newIdentity, PaperFleet, type PaperNode } from './paper-fleet.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function rotating() {
  const world = new PaperFleet();
  const node = world.node();
  const order = world.orderRotation(node);
  const { hopKey, hopSecret, instance } = node.identity;
  const next = { ...newIdentity(node.identity.id), hopKey, hopSecret, instance };
  const rotate = (from: NodeIdentity, to: NodeIdentity) => makeRotate(from, to, fingerprint(world.keys.signingPublic));
  return { world, node, order, next, rotate, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

const answers = (node: PaperNode) =>
  node.heard.flatMap((one) => (one.kind === 'rotated' ? [hex(one.body.identity)] : []));

test('a node’s new identity is on disk before it is answered, and lets it in', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const old = node.identity;
  world.clock.ms += 5000;
  let written: string | undefined;
  if (node.session !== undefined)
    world.hear(node.session.topic, () => (written = world.store.roster.find(node.id)?.identity));
  expect(node.say({ kind: 'rotate', body: rotate(old, next) })).toBeUndefined();
  expect([answers(node), written]).toEqual([[hex(next.publicKey)], hex(next.publicKey)]);
  expect(world.store.roster.find(node.id)).toMatchObject({ identity: hex(next.publicKey), rotatedAt: world.clock.ms });
  expect(world.logged('a new identity')).toMatchObject([{ node: node.id }]);
  node.identity = next;
  expect(node.join()).toBe(true);
  node.identity = old;
  expect(node.join()).toBe(false);
  expect(world.fleet.refusals()['join.identity']).toBe(1);
});

test('a ROTATE that comes again is answered again, and changes nothing', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const body = rotate(node.identity, next);
  node.say({ kind: 'rotate', body });
  const before = world.store.roster.find(node.id);
  world.clock.ms += 5000;
  node.say({ kind: 'rotate', body });
  expect(answers(node)).toHaveLength(2);
  expect(world.store.roster.find(node.id)).toEqual(before);
});

test('a HELLO with the new identity before ROTATE was taken is refused as any other identity is', () => {
  using set = rotating();
  set.node.identity = set.next;
  expect(set.node.join()).toBe(false);
  expect(set.world.fleet.refusals()['join.identity']).toBe(1);
});

test('a ROTATE that either identity has not signed is refused', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const good = rotate(node.identity, next);
  const stranger = rotate(newIdentity(node.identity.id), next);
  const forged = rotate(node.identity, newIdentity(node.identity.id));
  expect(node.say({ kind: 'rotate', body: { ...good, old: stranger.old } })).toBe('signature.rotate');
  expect(node.say({ kind: 'rotate', body: { ...good, new: forged.new } })).toBe('signature.rotate');
  expect(world.fleet.refusals()['signature.rotate']).toBe(2);
  expect(answers(node)).toEqual([]);
  expect(world.store.roster.find(node.id)?.rotatedAt).toBeNull();
});

test('a ROTATE made for another node, or another master, is refused', () => {
  using set = rotating();
  const { world, node, next } = set;
  const other = world.node();
  const elsewhere = makeRotate(node.identity, next, fingerprint(new Uint8Array(32).fill(7)));
  expect(node.say({ kind: 'rotate', body: elsewhere })).toBe('signature.rotate');
  expect(other.say({ kind: 'rotate', body: set.rotate(node.identity, next) })).toBe('signature.rotate');
});

test('an identity that another node has, or had when it was removed, is refused', () => {
  using set = rotating();
  const { world, node, rotate } = set;
  const other = world.node();
  const taken = { ...other.identity, id: node.identity.id };
  expect(node.say({ kind: 'rotate', body: rotate(node.identity, taken) })).toBe('join.identity');
  world.fleet.remove(other.id, 'admin');
  expect(node.say({ kind: 'rotate', body: rotate(node.identity, taken) })).toBe('join.identity');
  expect(answers(node)).toEqual([]);
});

test('the node keeps its place: history, interval and name stay', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const before = world.fleet.node(node.id);
  node.say({ kind: 'rotate', body: rotate(node.identity, next) });
  expect(world.fleet.node(node.id)).toEqual(before);
});

test('a node that takes one identity after the other is heard once a second', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const third = newIdentity(node.identity.id);
  node.say({ kind: 'rotate', body: rotate(node.identity, next) });
  world.clock.ms += 999;
  expect(node.say({ kind: 'rotate', body: rotate(next, third) })).toBe('rate.exceeded');
  world.clock.ms += 1;
  expect(node.say({ kind: 'rotate', body: rotate(next, third) })).toBeUndefined();
  expect(world.store.roster.find(node.id)?.identity).toBe(hex(third.publicKey));
});

test('a new identity that nobody has ordered, or that was ordered and has been answered, is not taken', () => {
  using set = rotating();
  const { world, node, order, next, rotate } = set;
  const other = world.node();
  const { hopKey, hopSecret } = other.identity;
  const others = { ...newIdentity(other.identity.id), hopKey, hopSecret };
  expect(other.say({ kind: 'rotate', body: rotate(other.identity, others) })).toBe('join.identity');
  node.say({ kind: 'receipt', body: { command: Buffer.from(order, 'hex'), outcome: 'refused' } });
  expect(node.say({ kind: 'rotate', body: rotate(node.identity, next) })).toBe('join.identity');
  expect([world.store.roster.find(node.id)?.rotatedAt, answers(node)]).toEqual([null, []]);
});

test('a ROTATE that comes again after its order was answered is answered again', () => {
  using set = rotating();
  const { node, order, next, rotate } = set;
  const body = rotate(node.identity, next);
  node.say({ kind: 'rotate', body });
  node.say({ kind: 'receipt', body: { command: Buffer.from(order, 'hex'), outcome: 'done' } });
  expect(node.say({ kind: 'rotate', body })).toBeUndefined();
  expect(answers(node)).toHaveLength(2);
});

test('a copy takes no new identity while the node that it overtook is watched, not even one that was ordered', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const copy = node.again();
  copy.join();
  const body = rotate(copy.identity, next);
  expect(copy.say({ kind: 'rotate', body })).toBe('join.identity');
  expect(node.say({ kind: 'rotate', body })).toBe('join.identity');
  world.pass(cloneAfterMs + 1);
  node.report();
  expect(world.fleet.node(node.id)?.cloned).toBeTruthy();
  expect(node.join()).toBe(true);
  expect(node.say({ kind: 'rotate', body })).toBeUndefined();
});

test('a node that was started anew takes its new identity once the one before is watched no more', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  node.kill();
  const again = node.again();
  again.join();
  const body = rotate(again.identity, next);
  expect(again.say({ kind: 'rotate', body })).toBe('join.identity');
  world.pass(cloneWatchMs);
  expect(again.say({ kind: 'rotate', body })).toBeUndefined();
  expect(answers(again)).toEqual([hex(next.publicKey)]);
});

test('a node that took its order up in time may say so for a day after it expired', () => {
  using set = rotating();
  const { world, node, next, rotate } = set;
  const body = rotate(node.identity, next);
  world.clock.ms += 86_400_000 + 60_000;
  expect(node.say({ kind: 'rotate', body })).toBe('join.identity');
  world.clock.ms -= 1;
  expect(node.say({ kind: 'rotate', body })).toBeUndefined();
});
