import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';

// Whole processes are started again and again.
const patient = { timeout: 180_000 };

test(
  'a node with a new identity keeps its place and its history, also over a start of either side',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
    const policy = join(stack.folder, 'policy');
    writeFileSync(policy, 'level operate\n', { mode: 0o644 });
    const start = () => stack.startNode('attic', 1, { policy_file: policy });
    start();
    const admin = await stack.signIn();
    const [before] = await admin.nodesWhen((all) => all.some(({ sample }) => sample !== null));
    const identity = () => readFile(join(stack.stateOf('attic'), 'identity.json'), 'utf8');
    const old = await identity();

    const { id } = await admin.post<{ id: string }>('commands', { action: { type: 'rotate' }, targets: 'everyone' });
    await admin.confirmed(id);
    expect(await stack.master.says('a node has a new identity')).toMatchObject({ node: before?.id });
    expect(await identity()).not.toBe(old);

    await stack.nodes.get('attic')?.stop();
    await stack.master.stop('SIGKILL');
    await stack.restartMaster();
    start();
    const again = await stack.signIn();
    const number = before?.sample?.number ?? 0;
    const nodes = await again.nodesWhen((all) => all.some(({ sample }) => (sample?.number ?? 0) > number + 2));
    expect(nodes).toMatchObject([{ id: before?.id, joinedAt: before?.joinedAt, state: 'alive' }]);
    const { at } = await again.get<{ at: number[] }>(`nodes/${before?.id}/history?minutes=5`);
    // A point is half a second of samples.
    expect(at[0]).toBeLessThanOrEqual((before?.sample?.at ?? 0) + 500);
    expect((await again.refusals())['join.identity']).toBe(0);
  },
);

test('a machine that has the old identity alone is out', patient, async () => {
  await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
  const policy = join(stack.folder, 'policy');
  writeFileSync(policy, 'level operate\n', { mode: 0o644 });
  stack.startNode('attic', 1, { policy_file: policy });
  const admin = await stack.signIn();
  await admin.nodesWhen((all) => all.some(({ sample }) => sample !== null));
  const file = join(stack.stateOf('attic'), 'identity.json');
  const old = await readFile(file, 'utf8');
  const { id } = await admin.post<{ id: string }>('commands', { action: { type: 'rotate' }, targets: 'everyone' });
  await admin.confirmed(id);
  await stack.nodes.get('attic')?.stop();
  await rm(file);
  writeFileSync(file, old, { mode: 0o600 });
  await stack.startNode('attic', 1).says('refused');
  expect((await admin.refusals())['join.identity']).toBeGreaterThan(0);
  expect(await admin.nodes()).toMatchObject([{ state: 'away' }]);
});
