import { sessionBurst, sessionRate } from '@sealcast/channel/constants';
import { formatHop } from '@sealcast/channel/hop-line';
import { expect, test } from 'vitest';
import { sample } from '../sample.ts';
import { newIdentity, PaperFleet, PaperNode, rsa } from './paper-fleet.ts';

test('a session that says more than its allowance is not heard, and this is counted; the others are', () => {
  using world = new PaperFleet();
  const [loud, quiet] = [world.node(), world.node()];
  const codes = Array.from({ length: sessionBurst + 50 }, () => loud.report());
  expect(codes.filter((code) => code === undefined)).toHaveLength(sessionBurst);
  expect(world.fleet.refusals()['rate.exceeded']).toBe(50);
  expect(quiet.report()).toBeUndefined();
  world.clock.ms += 1000;
  const later = Array.from({ length: sessionRate + 10 }, () => loud.report());
  expect(later.filter((code) => code === undefined)).toHaveLength(sessionRate);
});

test('an older RSA key is taken, told of the newest, and logged; the newest is not', () => {
  using world = new PaperFleet();
  const node = new PaperNode(world);
  node.rsa = rsa.older;
  expect(node.join(world.invite())).toBe(true);
  expect(node.welcome?.rsa).toEqual(new Uint8Array(rsa.newest));
  expect(world.logged('an older transport key')).toMatchObject([{ node: node.id }]);
  node.rsa = rsa.newest;
  node.join();
  expect(node.welcome).not.toHaveProperty('rsa');
  expect(world.logged('an older transport key')).toHaveLength(1);
});

test('a run order is logged with its program and the number of its arguments, and not with what they say', () => {
  using world = new PaperFleet();
  const node = world.node();
  const action = { type: 'run' as const, program: '/usr/bin/psql', arguments: ['--secret', 'hunter2'], seconds: 10 };
  const { id } = world.fleet.command({ action, targets: [node.id], expiresInSeconds: 60, by: 'alice' });
  expect(world.logged('a command was sent')).toMatchObject([
    { command: id, by: 'alice', action: 'run', program: '/usr/bin/psql', arguments: 2, nodes: 1 },
  ]);
  expect(world.lines.join('')).not.toContain('hunter2');
  expect(node.heard).toMatchObject([{ kind: 'command', body: { action } }]);
});

test('what a program wrote is shown with the receipt', () => {
  using world = new PaperFleet();
  const node = world.node();
  node.kill();
  const id = world.text('hello');
  const command = Buffer.from(id, 'hex');
  node.say({ kind: 'receipt', body: { command, outcome: 'failed', detail: 'ended with 1', output: 'no such file\n' } });
  expect(world.fleet.commands(1)[0]?.receipts).toMatchObject([
    { outcome: 'failed', detail: 'ended with 1', output: 'no such file\n' },
  ]);
});

test('the state of the transport is told, and its changes are events', () => {
  using world = new PaperFleet();
  expect(world.fleet.transport()).toEqual({ up: true, since: 1, restarts: 0 });
  Object.assign(world.status, { up: false, since: 2, restarts: 1 });
  world.fleet.transportChanged();
  expect(world.events).toEqual([{ type: 'transport', transport: { up: false, since: 2, restarts: 1 } }]);
});

test('a relay is let in by its key until it is removed, and its connections are cut then', () => {
  using world = new PaperFleet();
  const up = Buffer.alloc(32, 2);
  const line = formatHop({ host: 'barn.lan', data: [1, 2], join: [3, 4], curve: Buffer.alloc(32, 1), up });
  const relay = world.fleet.addRelay({ name: 'barn', line, by: 'admin' });
  expect(world.fleet.admits(up)).toBe('relay');
  expect(world.logged('a relay was added')).toMatchObject([{ by: 'admin' }]);
  const id = typeof relay === 'object' ? relay.id : '';
  expect(world.fleet.removeRelay(id, 'admin')).toBe(true);
  expect(world.fleet.removeRelay(id, 'admin')).toBe(false);
  expect([world.fleet.admits(up), world.dropped]).toEqual([false, [up.toString('hex')]]);
  expect(world.logged('a relay was removed')).toMatchObject([{ relay: id, by: 'admin' }]);
});

test('a node that claims the hop key of a relay takes nothing from it', () => {
  using world = new PaperFleet();
  const up = Buffer.alloc(32, 2);
  const line = formatHop({ host: 'barn.lan', data: [1, 2], join: [3, 4], curve: Buffer.alloc(32, 1), up });
  world.fleet.addRelay({ name: 'barn', line, by: 'admin' });
  const node = new PaperNode(world, { ...newIdentity(), hopKey: up });
  node.join(world.invite());
  world.fleet.remove(node.id, 'admin');
  expect([world.fleet.admits(up), world.dropped]).toEqual(['relay', []]);
});

test('a node that floods the disk keeps no other waiting: each is acknowledged in its turn', () => {
  using world = new PaperFleet();
  const [loud, quiet] = [world.node(), world.node()];
  const samples = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => sample(from + index, world.clock.ms));
  for (let report = 0; report < 100; report += 1)
    loud.say({ kind: 'report', body: { samples: samples(report * 64 + 1, 64) } });
  quiet.say({ kind: 'report', body: { samples: samples(1, 2) } });
  world.fleet.stop();
  expect(world.store.samples.through(quiet.id)).toBe(2);
  expect(world.store.samples.through(loud.id)).toBe(64);
});

test('joining anew gives a node no more to say', () => {
  using world = new PaperFleet();
  const node = world.node();
  for (let times = 0; times < sessionBurst; times += 1) node.report();
  expect(node.report()).toBe('rate.exceeded');
  expect([node.join(), node.report()]).toEqual([true, 'rate.exceeded']);
  const again = node.again();
  expect([again.join(), again.report()]).toEqual([true, 'rate.exceeded']);
});

test('a copy that floods does not keep the one that it overtook from being heard', () => {
  using world = new PaperFleet();
  const node = world.node();
  const copy = node.again();
  copy.join();
  for (let times = 0; times <= sessionBurst; times += 1) copy.report();
  expect([copy.report(), node.report()]).toEqual(['rate.exceeded', undefined]);
});

test('a node joins four times at once, and then once a second', () => {
  using world = new PaperFleet();
  const node = world.node();
  expect([1, 2, 3, 4].map(() => node.join())).toEqual([true, true, true, false]);
  expect(world.fleet.refusals()['join.busy']).toBe(1);
  expect(node.report()).toBeUndefined();
  world.pass(1000);
  expect([node.join(), node.join()]).toEqual([true, false]);
  expect(world.node().report()).toBeUndefined();
});

test('a hop key that a node has given up is cut off, and one that it keeps is not', () => {
  using world = new PaperFleet();
  const node = world.node();
  const former = node.identity.hopKey;
  node.join();
  expect(world.dropped).toEqual([]);
  const { hopKey, hopSecret } = newIdentity();
  node.identity = { ...node.identity, hopKey, hopSecret };
  node.join();
  expect([world.dropped, world.fleet.admits(former)]).toEqual([[Buffer.from(former).toString('hex')], false]);
  expect(node.report()).toBeUndefined();
});

test('a copy that comes with a hop key of its own does not cut off the node that it overtook', () => {
  using world = new PaperFleet();
  const copy = world.node().again();
  const { hopKey, hopSecret } = newIdentity();
  copy.identity = { ...copy.identity, hopKey, hopSecret };
  copy.join();
  expect(world.dropped).toEqual([]);
});
