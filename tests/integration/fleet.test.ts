import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';

const three = ['attic', 'barn', 'cellar'];

async function withThreeNodes(): Promise<Stack> {
  const stack = await Stack.start({ master: { report_interval: '1' } });
  for (const [index, name] of three.entries()) stack.startNode(name, index + 1);
  return stack;
}

test('three nodes join, tell what they are, and report', async () => {
  await using stack = await withThreeNodes();
  const admin = await stack.signIn();
  const nodes = await admin.nodesWhen((all) => all.length === 3 && all.every(({ facts, sample }) => facts && sample));
  expect(nodes.map(({ name }) => name).toSorted()).toEqual(three);
  for (const { state, sample, facts } of nodes) {
    expect(state).toBe('alive');
    expect(sample?.memory.total).toBeGreaterThan(0);
    expect(sample?.cores.length).toBe(facts?.cpu.threads);
    expect(Math.abs((sample?.at ?? 0) - Date.now())).toBeLessThan(10_000);
  }
});

test('a broadcast reaches every node once, and each confirms it', async () => {
  await using stack = await withThreeNodes();
  const admin = await stack.signIn();
  await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  const text = 'the kettle is on';
  const { id } = await admin.broadcast(text);
  const confirmed = await admin.confirmed(id);
  expect(confirmed.receipts.map(({ name }) => name).toSorted()).toEqual(three);
  for (const node of stack.nodes.values()) {
    await node.line((line) => line['text'] === text);
    expect(node.lines.filter((line) => line['text'] === text)).toHaveLength(1);
  }
});

test('a message to some nodes reaches those alone', async () => {
  await using stack = await withThreeNodes();
  const admin = await stack.signIn();
  const nodes = await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  const barn = nodes.find(({ name }) => name === 'barn');
  const { id } = await admin.broadcast('for the barn', [barn?.id ?? '']);
  const confirmed = await admin.confirmed(id);
  expect(confirmed.receipts.map(({ name }) => name)).toEqual(['barn']);
  expect(stack.nodes.get('attic')?.text).not.toContain('for the barn');
});

test('a new reporting interval is taken over, and kept for the next session', async () => {
  await using stack = await withThreeNodes();
  const admin = await stack.signIn();
  await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  const { id } = await admin.post<{ id: string }>('commands', {
    action: { type: 'interval', seconds: 2 },
    targets: 'everyone',
  });
  await admin.confirmed(id);
  expect((await admin.nodes()).map(({ interval }) => interval)).toEqual([2, 2, 2]);
  for (const node of stack.nodes.values()) await node.says('set the reporting interval');
});

test('a master that was killed and started again has all nodes back, and what they sampled meanwhile', async () => {
  await using stack = await withThreeNodes();
  const before = await stack.signIn();
  const seen = await before.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  await stack.master.stop('SIGKILL');
  for (const node of stack.nodes.values()) await node.says('the link to the master is lost');
  await stack.restartMaster();
  const admin = await stack.signIn();
  const last = Math.max(...seen.map(({ sample }) => sample?.number ?? 0));
  await admin.nodesWhen(
    (all) => all.every(({ state, sample }) => state === 'alive' && (sample?.number ?? 0) > last + 3),
    60_000,
  );
  for (const { id } of await admin.nodes()) {
    const { at } = await admin.get<{ at: number[] }>(`nodes/${id}/history?minutes=5`);
    const widest = Math.max(...at.slice(1).map((time, index) => time - (at[index] ?? 0)));
    expect(widest).toBeLessThan(5000);
  }
});

test('a node that stops says so, and comes back as itself', async () => {
  await using stack = await withThreeNodes();
  const admin = await stack.signIn();
  await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  expect(await stack.nodes.get('barn')?.stop()).toBe(0);
  const [gone] = (await admin.nodesWhen((all) => all.some(({ state }) => state === 'away'))).filter(
    ({ state }) => state === 'away',
  );
  expect(gone?.name).toBe('barn');
  stack.startNode('barn', 2);
  const back = await admin.nodesWhen((all) => all.every(({ state }) => state === 'alive'));
  expect(back.map(({ id }) => id)).toContain(gone?.id);
  expect(back).toHaveLength(3);
});

test('a command that was sent while a node was away is done when it is back, once', async () => {
  await using stack = await withThreeNodes();
  const admin = await stack.signIn();
  await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  await stack.nodes.get('barn')?.stop();
  const { id } = await admin.broadcast('while you were away');
  const barn = stack.startNode('barn', 2);
  await admin.confirmed(id);
  await barn.line((line) => line['text'] === 'while you were away');
  await barn.stop();
  const again = stack.startNode('barn', 2);
  await again.says('joined the master');
  await admin.nodesWhen((all) => all.every(({ state }) => state === 'alive'));
  expect(again.text).not.toContain('while you were away');
});

test('a command outlives the master that it was given to', async () => {
  await using stack = await withThreeNodes();
  const before = await stack.signIn();
  await before.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3);
  await stack.nodes.get('barn')?.stop();
  const { id } = await before.broadcast('remember this');
  await stack.master.stop('SIGKILL');
  await stack.restartMaster();
  const barn = stack.startNode('barn', 2);
  await barn.line((line) => line['text'] === 'remember this');
  expect((await (await stack.signIn()).confirmed(id, 60_000)).receipts).toHaveLength(3);
});

test('a node whose invite was spent by another stays out, and says what to do', async () => {
  await using stack = await Stack.start({ invites: 1 });
  await stack.startNode('first', 1).says('joined the master');
  const second = stack.startNode('second', 1);
  await second.says('the master refused this invite: it is unknown there, spent, withdrawn or expired');
  const admin = await stack.signIn();
  expect(await admin.nodes()).toHaveLength(1);
  expect((await admin.refusals())['join.invite-spent']).toBeGreaterThanOrEqual(1);
});

test('a node with an invite of another master stays out, and says what it saw', async () => {
  await using stack = await Stack.start({ invites: 1 });
  await using other = await Stack.start({ invites: 1 });
  const invite = join(other.folder, 'nodes', 'invite-1');
  const { mq_sub_port = '', mq_pub_port = '', mq_join_sub_port = '', mq_join_pub_port = '' } = stack.ports;
  const here = { mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port };
  const node = stack.startNode('stray', 1, { mq_invite_code: invite, ...here });
  await node.says('it does not hold the CURVE key that the invite pins');
  expect(await (await stack.signIn()).nodes()).toHaveLength(0);
});

test('a node without an invite, or with a damaged one, ends at once with every fault named', async () => {
  await using stack = await Stack.start({ invites: 1 });
  const line = (await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8')).trim();
  const damaged = stack.startNode('damaged', 1, { mq_invite_code: line.slice(0, -3), spool_max_mb: 'many' });
  expect(await damaged.exited).toBe(1);
  expect(damaged.text).toContain('mq_invite_code is not an invite, or a damaged one');
  expect(damaged.text).toContain('spool_max_mb is');
  expect(damaged.text).not.toContain(line.slice(12, 60));
  const bare = stack.startNode('bare', 1, { mq_invite_code: '' });
  expect(await bare.exited).toBe(1);
  expect(bare.text).toContain('this node has not joined yet and has no invite');
});

test('what a node keeps is closed to others, and holds no invite code once it is spent', async () => {
  await using stack = await Stack.start({ invites: 1 });
  const code = (await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8')).trim();
  await stack.startNode('first', 1).says('joined the master');
  const state = stack.stateOf('first');
  expect((await stat(state)).mode & 0o777).toBe(0o700);
  for (const name of ['identity.json', 'master.json']) {
    expect((await stat(join(state, name))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(state, name), 'utf8')).not.toContain(code);
  }
  const pinned = JSON.parse(await readFile(join(state, 'master.json'), 'utf8'));
  expect(pinned).not.toHaveProperty('code');
});
