import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ServiceProcess } from '../stack/service-process.ts';
import { Stack } from '../stack/stack.ts';
import { Wire } from '../stack/wire.ts';
import { receiptOf, WireNode } from '../stack/wire-node.ts';

const rotateKind = 0x15;
const rotatedKind = 0x23;
const rotate = { type: 'rotate' } as const;
const operate = { policy: 'level operate\n' };
const patient = { timeout: 20_000 };

async function restart(node: WireNode): Promise<void> {
  await node.stop();
  const before = node.lines.length;
  node.start();
  await node.says('joined the master', before);
}

/** Nothing that a peer sent was refused under these codes. */
function counted(wire: Wire, ...codes: string[]): number[] {
  const refusals = wire.fleet.refusals();
  return codes.map((code) => refusals[code] ?? 0);
}

test('a node takes a new identity on its master’s order, keeps its id, and joins by it from then on', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, operate);
  const before = node.identity;
  expect(await node.order(rotate)).toMatchObject({ outcome: 'done', detail: null });
  const after = node.identity;
  expect(after.id).toBe(before.id);
  expect(after.seed).not.toBe(before.seed);
  expect(JSON.stringify(after)).not.toContain(before.seed);
  expect(after).not.toHaveProperty('next');
  await restart(node);
  expect(counted(wire, 'join.identity', 'signature.hello', 'signature.rotate')).toEqual([0, 0, 0]);
  expect(wire.fleet.nodes()).toHaveLength(1);
});

test('a copy of the old identity is of no use any more, and is told why', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, operate);
  const copied = join(node.folder, 'copy');
  cpSync(node.state, copied, { recursive: true });
  expect(await node.order(rotate)).toMatchObject({ outcome: 'done' });
  await using copy = new WireNode(wire, { settings: { state_dir: copied, mq_invite_code: '' } });
  expect(await copy.says('refused')).toMatchObject({
    level: 'warn',
    msg: expect.stringContaining('another machine is running with this identity'),
  });
  expect(wire.fleet.node(node.id)?.state).toBe('alive');
});

test('a ROTATE that is lost is sent again, also by the next start of the node, and the order ends as done', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, operate);
  const before = node.identity;
  wire.arrives = (frame) => frame[2] !== rotateKind;
  const id = node.send(rotate);
  const receipt = receiptOf(wire, id);
  await expect.poll(() => node.identity.next, patient).toBeDefined();
  const { next } = node.identity;
  await restart(node);
  expect(node.identity).toEqual({ ...before, next });
  wire.arrives = () => true;
  expect(await receipt).toMatchObject({ outcome: 'done' });
  expect(node.identity.seed).toBe(next?.seed);
  await restart(node);
  expect(counted(wire, 'join.identity')).toEqual([0]);
});

test('a ROTATED that is lost comes again', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, operate);
  let lost = 0;
  wire.passes = (_topic, frame) => {
    if (frame[2] === rotatedKind && lost < 1) return (lost += 1) === 0;
    return true;
  };
  expect(await node.order(rotate)).toMatchObject({ outcome: 'done' });
  expect(lost).toBe(1);
  expect(node.identity).not.toHaveProperty('next');
});

test('a node that was cut off before ROTATED came is refused with the old identity, and joins with the new one', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, operate);
  let answered = 0;
  wire.passes = (_topic, frame) => {
    if (frame[2] !== rotatedKind) return true;
    answered += 1;
    return false;
  };
  const receipt = receiptOf(wire, node.send(rotate));
  await expect.poll(() => answered, patient).toBeGreaterThan(0);
  const { next } = node.identity;
  await restart(node);
  expect(counted(wire, 'join.identity')).toEqual([1]);
  wire.passes = () => true;
  expect(await receipt).toMatchObject({ outcome: 'done' });
  expect(node.identity.seed).toBe(next?.seed);
  expect(node.identity).not.toHaveProperty('next');
});

test('a session is rekeyed although the master has the new identity and the node does not know', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { ...operate, rekeyMs: 4000 });
  let answered = 0;
  wire.passes = (_topic, frame) => {
    if (frame[2] !== rotatedKind) return true;
    answered += 1;
    return false;
  };
  const receipt = receiptOf(wire, node.send(rotate));
  await expect.poll(() => answered, patient).toBeGreaterThan(0);
  await node.says('the session has new keys', node.lines.length);
  expect(counted(wire, 'join.identity')[0]).toBeGreaterThan(0);
  wire.passes = () => true;
  expect(await receipt).toMatchObject({ outcome: 'done' });
  expect(node.lines.filter(({ msg }) => msg === 'joined the master')).toHaveLength(1);
});

test('each start of a node is an instance of its own, and the one that stops makes way for the next', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire);
  await restart(node);
  await restart(node);
  expect(counted(wire, 'join.cloned')).toEqual([0]);
  expect(wire.fleet.node(node.id)?.cloned).toBeNull();
});

test('a master’s RSA key is changed under its nodes, without touching one, whichever of the keys a node is set to compare with', async () => {
  await using stack = await Stack.start({ invites: 2 });
  const compare = { mq_transport_pub_key: join(stack.folder, 'nodes/transport.pub') };
  const older = join(stack.folder, 'older.pub');
  cpSync(compare.mq_transport_pub_key, older);
  const node = stack.startNode('one', 1, compare);
  await node.says('joined the master');
  await node.stop();
  const kept = () => JSON.parse(readFileSync(join(stack.stateOf('one'), 'master.json'), 'utf8')).rsa;
  const pinned = kept();

  await stack.master.stop();
  await using init = new ServiceProcess('init', { ...stack.ports }, ['rotate']);
  expect(await init.exited).toBe(0);
  await stack.restartMaster();

  // Its master's file names the key that it knows beside one that it was not told of yet; it joins by the former, and is told.
  const second = stack.startNode('one', 1, compare);
  await second.says('the master has a new RSA key');
  await stack.master.says('a node joined with an older transport key');
  await second.stop();
  expect(second.text).not.toContain('it goes on with that one');
  expect(kept()).not.toBe(pinned);

  const told = stack.master.lines.length;
  const third = stack.startNode('one', 1, { mq_transport_pub_key: older });
  await third.says('it goes on with that one');
  await third.says('joined the master');
  expect(stack.master.lines.slice(told).filter(({ msg }) => msg?.includes('older transport key'))).toEqual([]);
  expect(existsSync(join(stack.folder, 'keys/transport-old-1.pem'))).toBe(true);
}, 120_000);
