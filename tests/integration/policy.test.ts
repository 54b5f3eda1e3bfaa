import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandView } from '@sealcast/master/fleet/views';
import { expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { Wire } from '../stack/wire.ts';
import { receiptOf, WireNode } from '../stack/wire-node.ts';

function run(program: string, ...args: string[]): CommandView['action'] {
  return { type: 'run', program, arguments: args, seconds: 10 };
}

const sh = (script: string) => run('/bin/sh', '-c', script);
const patient = { timeout: 20_000 };
const observes = { outcome: 'refused', detail: "this node's policy is observe", output: null };

test('without a policy a node shows texts and sets its interval, and does nothing else that its master orders', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire);
  const ran = join(node.folder, 'ran');
  expect(await node.order({ type: 'text', text: 'hello' })).toMatchObject({ outcome: 'done' });
  expect(await node.order({ type: 'interval', seconds: 9 })).toMatchObject({ outcome: 'done' });
  expect(await node.order(run('/usr/bin/touch', ran))).toMatchObject(observes);
  const before = node.identity;
  expect(await node.order({ type: 'rotate' })).toMatchObject(observes);
  expect(node.identity).toEqual(before);
  expect(existsSync(ran)).toBe(false);
});

test('with the policy admin a program is run, and its end comes with the receipt', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level admin\n' });
  expect(await node.order(run('/bin/echo', 'hello', '$HOME'))).toMatchObject({
    outcome: 'done',
    detail: null,
    output: 'hello $HOME\n',
  });
  expect(await node.order(sh('echo why >&2; exit 3'))).toMatchObject({
    outcome: 'failed',
    detail: 'exit code 3',
    output: 'why\n',
  });
  expect(await node.order(run('/nowhere'))).toMatchObject({ outcome: 'failed', detail: 'not found', output: null });
  expect(await node.order(sh('seq 1 100000'))).toMatchObject({ output: expect.stringMatching(/\n99999\n100000\n$/) });
});

test('an order to everyone is done by the nodes whose policy allows it', async () => {
  await using wire = await Wire.start();
  await using careful = await WireNode.join(wire);
  await using open = await WireNode.join(wire, { policy: 'level admin\n' });
  const { id } = wire.fleet.command({
    action: run('/bin/echo', 'here'),
    targets: 'everyone',
    expiresInSeconds: 60,
    by: 'admin',
  });
  const receipts = () => wire.fleet.commands(1).find((one) => one.id === id)?.receipts ?? [];
  await expect
    .poll(() => receipts().filter(({ outcome }) => outcome !== 'waiting').length, { timeout: 20_000 })
    .toBe(2);
  const of = (node: WireNode) => receipts().find((one) => one.node === node.id);
  expect(of(careful)).toMatchObject(observes);
  expect(of(open)).toMatchObject({ outcome: 'done', output: 'here\n' });
});

test('a program that is allowed with its arguments is run with these and no others', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level operate\nallow run /bin/echo one two\n' });
  expect(await node.order(run('/bin/echo', 'one', 'two'))).toMatchObject({ outcome: 'done', output: 'one two\n' });
  const refused = { outcome: 'refused', detail: "this node's policy is operate" };
  expect(await node.order(run('/bin/echo', 'one'))).toMatchObject(refused);
  expect(await node.order(run('/bin/echo', 'one two'))).toMatchObject(refused);
  expect(await node.order(run('/bin/echo', 'one', 'two', 'three'))).toMatchObject(refused);
});

test('a policy that is changed, broken or opened to others counts from the next order on', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level admin\n' });
  const order = () => node.order(run('/bin/echo', 'x'));
  expect(await order()).toMatchObject({ outcome: 'done' });
  node.write('level observe\n');
  expect(await order()).toMatchObject(observes);
  node.write('level admin\n');
  expect(await order()).toMatchObject({ outcome: 'done' });
  node.write('level adminn\n');
  expect(await order()).toMatchObject(observes);
  node.write('level admin\n');
  chmodSync(node.policy, 0o666);
  expect(await order()).toMatchObject(observes);
  expect(node.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
});

test('what is refused stays refused when the policy is raised later', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level observe\n' });
  const ran = join(node.folder, 'ran');
  const id = node.send(run('/usr/bin/touch', ran));
  expect(await receiptOf(wire, id)).toMatchObject(observes);
  node.write('level admin\n');
  await node.stop();
  const before = node.lines.length;
  node.start();
  await node.says('joined the master', before);
  expect(await node.order(run('/bin/true'))).toMatchObject({ outcome: 'done' });
  expect(existsSync(ran)).toBe(false);
  expect(readFileSync(join(node.state, 'commands'), 'utf8')).toContain(`"id":"${id}"`);
});

test('a program runs on while its order is repeated, and is run once', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level admin\n' });
  const [gate, count] = [join(node.folder, 'gate'), join(node.folder, 'count')];
  // The way down is open from then on.
  await node.order(run('/bin/true'));
  const id = node.send(sh(`echo x >> ${count}; while ! [ -e ${gate} ]; do sleep 0.05; done`));
  await expect.poll(() => existsSync(count), patient).toBe(true);
  const repeats = { commands: 0 };
  wire.passes = (_topic, frame) => {
    if (frame[2] === 0x21) repeats.commands += 1;
    return true;
  };
  wire.ahead = 20_000;
  wire.fleet.tick();
  await expect.poll(() => repeats.commands, patient).toBeGreaterThan(0);
  // An order behind it has come: so has the repeated one.
  expect(await node.order(sh(`touch ${gate}`))).toMatchObject({ outcome: 'done' });
  expect(await receiptOf(wire, id)).toMatchObject({ outcome: 'done' });
  expect(readFileSync(count, 'utf8')).toBe('x\n');
});

test('a node that stops ends its programs, and tells its master before it goes', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level admin\n' });
  const begun = join(node.folder, 'begun');
  await node.order(run('/bin/true'));
  const id = node.send(sh(`echo $$ > ${begun}; sleep 1000`));
  await expect.poll(() => (existsSync(begun) ? readFileSync(begun, 'utf8') : ''), patient).toMatch(/\n$/);
  const receipt = receiptOf(wire, id);
  await node.stop();
  expect(await receipt).toMatchObject({ outcome: 'failed', detail: 'the node was stopped' });
  expect(existsSync(`/proc/${readFileSync(begun, 'utf8').trim()}`)).toBe(false);
});

test('as a process: the policy is heeded, a program sees no setting of the node, and a wrong file stops it with every fault', async () => {
  await using stack = await Stack.start({ invites: 1 });
  const policy = join(stack.folder, 'policy');
  writeFileSync(policy, 'level boss\nallow run id\n', { mode: 0o644 });
  const wrong = stack.startNode('one', 1, { policy_file: policy });
  expect(await wrong.exited).toBe(1);
  expect(wrong.text).toContain(`policy_file: ${policy}: line 1 names no level`);
  expect(wrong.text).toContain(`${policy}: line 2 names a program without its whole path`);

  writeFileSync(policy, 'level admin\n');
  const node = stack.startNode('one', 1, { policy_file: policy });
  await node.says('joined the master');
  const admin = await stack.signIn();
  const { id } = await admin.post<CommandView>('commands', { action: run('/usr/bin/env'), targets: 'everyone' });
  const { receipts } = await admin.confirmed(id);
  expect(receipts[0]?.output).toMatch(/^PATH=/m);
  expect(receipts[0]?.output).not.toMatch(/mq_invite_code|state_dir|policy_file/);

  const second = stack.startNode('two', 1, { state_dir: stack.stateOf('one') });
  expect(await second.exited).toBe(1);
  expect(second.text).toContain(`state_dir: another node is running in ${stack.stateOf('one')}`);
  await node.stop('SIGKILL');
  const third = stack.startNode('one', 1);
  await third.says('joined the master');
});

test('a node tells its policy, and tells it again where the file was changed', async () => {
  await using wire = await Wire.start();
  await using node = await WireNode.join(wire, { policy: 'level operate\nallow run /bin/echo one\n' });
  const told = () => {
    // What a node tells twice within a second waits for the fleet's next tick.
    wire.fleet.tick();
    return wire.fleet.node(node.id)?.facts?.policy;
  };
  await expect.poll(told, patient).toEqual({ level: 'operate', allowed: ['run /bin/echo one'], more: 0 });
  node.write('level admin\n');
  await expect.poll(told, patient).toEqual({ level: 'admin', allowed: [], more: 0 });
  node.write('level amdin\n');
  await expect.poll(told, patient).toEqual({ level: 'observe', allowed: [], more: 0 });
});
