import { randomBytes } from 'node:crypto';
import { awayMs, commandRetryMs } from '@sealcast/channel/constants';
import { expect, test, vi } from 'vitest';
import { facts, sample } from '../sample.ts';
import { newIdentity, PaperFleet, PaperNode } from './paper-fleet.ts';

function three() {
  const world = new PaperFleet();
  const [gone, first, second] = [world.node(), world.node(), world.node()];
  return { world, gone, others: [first, second], [Symbol.dispose]: () => world[Symbol.dispose]() };
}

const kinds = (node: PaperNode) => node.heard.map(({ kind }) => kind);

test('a node that is removed is out when the call comes back', () => {
  using set = three();
  const { world, gone } = set;
  expect(world.fleet.admits(gone.identity.hopKey)).toBe(true);
  expect(world.fleet.remove(gone.id, 'admin')).toBe(true);
  expect(world.fleet.admits(gone.identity.hopKey)).toBe(false);
  expect(world.dropped).toEqual([gone.hopKey]);
  expect(gone.report()).toBe('key.unknown');
  expect(world.fleet.node(gone.id)).toBeUndefined();
  expect(world.fleet.nodes()).toHaveLength(2);
  expect(gone.join()).toBe(false);
  expect(gone.join(world.invite())).toBe(false);
  expect(world.fleet.refusals()['join.removed']).toBe(2);
  expect(world.logged('a node was removed')).toMatchObject([{ node: gone.id, by: 'admin' }]);
});

test('a node is removed once, and one that is not there is not', () => {
  using set = three();
  expect(set.world.fleet.remove(set.gone.id, 'admin')).toBe(true);
  expect(set.world.fleet.remove(set.gone.id, 'admin')).toBe(false);
  expect(set.world.fleet.remove('ff'.repeat(16), 'admin')).toBe(false);
  expect(set.world.fleet.nodes()).toHaveLength(2);
});

test('all others have a new epoch at once, which the removed node can not read', () => {
  using set = three();
  const { world, gone, others } = set;
  const before = gone.epoch;
  world.fleet.remove(gone.id, 'admin');
  expect(others.map(({ epoch }) => epoch)).toEqual([before + 1, before + 1]);
  expect(kinds(gone)).not.toContain('epoch');
  world.text('not for all');
  expect(others.map(({ texts }) => texts)).toEqual([['not for all'], ['not for all']]);
  expect(gone.texts).toEqual([]);
});

test('the others miss nothing: broadcast numbers go on, and what was lost on the way is asked for', () => {
  using set = three();
  const { world, gone, others } = set;
  world.text('one');
  const hearers = new Map(world.hearers);
  world.hearers.clear();
  world.text('two');
  for (const [topic, hearer] of hearers) world.hearers.set(topic, hearer);
  world.fleet.remove(gone.id, 'admin');
  world.text('three');
  for (const { texts } of others) expect(texts.toSorted()).toEqual(['one', 'three', 'two']);
  expect(world.store.counters.value('broadcast')).toBe(3);
});

test('a join that is under way when its node is removed ends', () => {
  using set = three();
  const joining = set.gone.hello();
  set.world.fleet.remove(set.gone.id, 'admin');
  if (joining !== undefined) set.gone.send(joining.confirm, 'join');
  expect(joining?.wasWelcomed()).toBe(false);
  expect(set.world.fleet.refusals()['join.removed']).toBe(1);
});

test('what it was to do is given up, shown so, and not sent again', () => {
  using set = three();
  const { world, gone } = set;
  gone.kill();
  const id = world.text('hello');
  world.fleet.remove(gone.id, 'admin');
  const command = world.fleet.commands(1)[0];
  expect(command?.id).toBe(id);
  const receipt = command?.receipts.find(({ node }) => node === gone.id);
  expect(receipt).toMatchObject({ outcome: 'expired', detail: 'the node was removed' });
  gone.heard.length = 0;
  world.pass(2 * commandRetryMs);
  expect(gone.heard).toEqual([]);
});

test('a later broadcast does not wait for it', () => {
  using set = three();
  set.world.fleet.remove(set.gone.id, 'admin');
  set.world.text('hello');
  expect(set.world.fleet.commands(1)[0]?.receipts.map(({ node }) => node)).toEqual(set.others.map(({ id }) => id));
});

test('its samples go in the time after, some a second, and no one else’s', () => {
  using set = three();
  const { world, gone, others } = set;
  const many = (node: PaperNode, count: number) => ({
    node: node.id,
    samples: Array.from({ length: count }, (_, index) => sample(index + 1, world.clock.ms)),
  });
  world.store.samples.insert([many(gone, 4500), ...others.map((node) => many(node, 3))]);
  world.fleet.remove(gone.id, 'admin');
  const left = (node: PaperNode) =>
    world.store.samples.history(node.id, 0, world.clock.ms + 9_999_999, 1).at.length > 0;
  world.pass(2000);
  expect(left(gone)).toBe(true);
  world.pass(1000);
  expect([gone, ...others].map(left)).toEqual([false, true, true]);
});

test('samples that were left when the master stopped go after its next start', () => {
  using set = three();
  const { world, gone } = set;
  world.store.samples.insert([{ node: gone.id, samples: [sample(1, world.clock.ms)] }]);
  world.fleet.remove(gone.id, 'admin');
  world.restart();
  world.pass(1000);
  expect(world.store.samples.newest(gone.id)).toBeNull();
});

test('what it said just before is not written any more', () => {
  using set = three();
  const { world, gone } = set;
  gone.say({ kind: 'report', body: { samples: [sample(1, world.clock.ms)] } });
  gone.say({ kind: 'facts', body: facts });
  gone.say({ kind: 'facts', body: { ...facts, name: 'late' } });
  world.fleet.remove(gone.id, 'admin');
  world.pass(2000);
  world.fleet.stop();
  expect(world.store.samples.through(gone.id)).toBe(0);
  expect(world.store.roster.find(gone.id)?.facts?.name).toBe('pi');
});

test('it does not go away a second time', () => {
  using set = three();
  const { world, gone, others } = set;
  world.fleet.remove(gone.id, 'admin');
  world.pass(awayMs + 1000);
  expect(world.logged('a node went away').map(({ node }) => node)).toEqual(others.map(({ id }) => id));
});

test('its row stays, and so a removed id stays out after a start of the master', () => {
  using set = three();
  const { world, gone } = set;
  world.fleet.remove(gone.id, 'admin');
  world.restart();
  expect(world.store.roster.find(gone.id)).toMatchObject({ removedAt: world.clock.ms });
  expect(world.fleet.admits(gone.identity.hopKey)).toBe(false);
  expect(gone.join(world.invite())).toBe(false);
  expect(world.fleet.node(gone.id)).toBeUndefined();
});

test('a machine that comes again as a new node inherits nothing', () => {
  using set = three();
  const { world, gone } = set;
  const order = {
    action: { type: 'interval' as const, seconds: 77 },
    targets: [gone.id],
    expiresInSeconds: 60,
    by: 'a',
  };
  world.fleet.command(order);
  gone.kill();
  world.text('for the old one', [gone.id]);
  world.store.samples.insert([{ node: gone.id, samples: [sample(9, world.clock.ms)] }]);
  world.fleet.remove(gone.id, 'admin');
  const withOldKey = new PaperNode(world, { ...newIdentity(), hopKey: gone.identity.hopKey });
  expect(withOldKey.join(world.invite())).toBe(false);
  const fresh = new PaperNode(world);
  expect(fresh.join(world.invite())).toBe(true);
  expect(fresh.welcome).toMatchObject({ through: 0, interval: 5 });
  world.pass(2 * commandRetryMs);
  expect(fresh.texts).toEqual([]);
  expect(world.fleet.node(fresh.id)).toMatchObject({ sample: null, facts: null, interval: 5 });
  expect(world.fleet.admits(fresh.identity.hopKey)).toBe(true);
});

test('the old id stays out also with a new identity, and the old identity also under a new id', () => {
  using set = three();
  const { world, gone } = set;
  world.fleet.remove(gone.id, 'admin');
  const sameId = new PaperNode(world, newIdentity(gone.identity.id));
  const sameKey = new PaperNode(world, { ...gone.identity, id: randomBytes(16) });
  expect([sameId.join(world.invite()), sameKey.join(world.invite())]).toEqual([false, false]);
});

test('nobody else keeps the ports open for a removed node by naming its hop key', () => {
  using set = three();
  const { world, gone } = set;
  const twin = new PaperNode(world, { ...newIdentity(), hopKey: gone.identity.hopKey });
  expect(twin.join(world.invite())).toBe(false);
  expect(world.fleet.refusals()['join.key']).toBe(1);
  world.fleet.remove(gone.id, 'admin');
  expect([world.dropped, world.fleet.admits(gone.identity.hopKey)]).toEqual([[gone.hopKey], false]);
});

test('where nobody has a hop key of his own, nobody’s connections are cut', () => {
  using world = new PaperFleet('null');
  const node = new PaperNode(world, { ...newIdentity(), hopKey: new Uint8Array(32), hopSecret: { mechanism: 'null' } });
  expect(node.join(world.invite())).toBe(true);
  world.fleet.remove(node.id, 'admin');
  expect(world.dropped).toEqual([]);
  expect(node.report()).toBe('key.unknown');
});

test('the page hears of it, and of the commands that it leaves', async () => {
  using set = three();
  const { world, gone } = set;
  gone.kill();
  const id = world.text('hello');
  await vi.waitFor(() => expect(world.events.length).toBeGreaterThan(0));
  world.events.length = 0;
  world.fleet.remove(gone.id, 'admin');
  await vi.waitFor(() => expect(world.events).toContainEqual({ type: 'removed', id: gone.id }));
  await vi.waitFor(() =>
    expect(world.events).toMatchObject(
      expect.arrayContaining([{ type: 'command', command: expect.objectContaining({ id }) }]),
    ),
  );
  expect(world.events.filter((event) => event.type === 'node' && event.node.id === gone.id)).toEqual([]);
});

test('where the next epoch can not be written down, it begins as soon as it can', () => {
  using set = three();
  const { world, gone, others } = set;
  const before = gone.epoch;
  using full = vi.spyOn(world.store.counters, 'next').mockImplementationOnce(() => {
    throw new Error('database or disk is full');
  });
  expect(() => world.fleet.remove(gone.id, 'admin')).toThrow('disk is full');
  expect(full).toHaveBeenCalledOnce();
  expect(gone.report()).toBe('key.unknown');
  world.pass(1000);
  expect(others.map(({ epoch }) => epoch)).toEqual([before + 1, before + 1]);
});
