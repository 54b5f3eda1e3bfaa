// The attacker has copied a node's state folder, an SD card taken out for an hour, and runs it on a second machine.
import { cpSync } from 'node:fs';
import { cloneWatchMs } from '@sealcast/channel/constants';
import { expect, test } from 'vitest';
import type { Admin } from '../../stack/admin.ts';
import { Stack } from '../../stack/stack.ts';

// Whole processes are started again and again.
const patient = { timeout: 240_000 };
const soon = 60_000;

async function confirms(admin: Admin, text: string): Promise<void> {
  const { id } = await admin.broadcast(text);
  expect((await admin.confirmed(id, soon)).receipts).toHaveLength(1);
}

/** Resolves when a sample above `number` is there; gives its number. */
async function reportsAbove(admin: Admin, number: number): Promise<number> {
  const [node] = await admin.nodesWhen((all) => all.some(({ sample }) => (sample?.number ?? 0) > number), soon);
  return node?.sample?.number ?? 0;
}

/** When the master said so, in ms. */
function timesOf({ master }: Stack, msg: string): number[] {
  return master.lines.filter((line) => line.msg === msg).map((line) => Date.parse(String(line['time'])));
}

test(
  'a cloned identity is noticed within seconds, one of the two is held out, and it decides nothing',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
    const admin = await stack.signIn();
    const node = stack.startNode('attic', 1);
    let number = await reportsAbove(admin, 1);

    // Killed and started again, it is one machine: the attack is told from that.
    await node.stop('SIGKILL');
    const again = stack.startNode('attic', 1);
    number = await reportsAbove(admin, number + 2);
    expect(await admin.nodes()).toMatchObject([{ cloned: null, state: 'alive' }]);
    expect((await admin.refusals())['join.cloned']).toBe(0);

    cpSync(stack.stateOf('attic'), stack.stateOf('thief'), { recursive: true });
    const copiedAt = Date.now();
    stack.startNode('thief', 1);
    const [found] = await admin.nodesWhen((all) => all.some(({ cloned }) => cloned !== null), soon);
    expect(found?.cloned?.since).toBeGreaterThanOrEqual(copiedAt);
    const heldOutAt = Date.parse(String((await stack.master.says('runs on two machines'))['time']));
    const joinedAt = Math.max(...timesOf(stack, 'a node has a new session').filter((time) => time < heldOutAt));
    expect(heldOutAt - joinedAt).toBeLessThan(cloneWatchMs);
    await stack.nodes.get('thief')?.says('another machine is running with this identity', soon);
    await confirms(admin, 'who is there?');
    number = await reportsAbove(admin, number + 1);

    // Starting it again and again does not help it.
    const tries = (await admin.nodes())[0]?.cloned?.tries ?? 0;
    await stack.nodes.get('thief')?.stop('SIGKILL');
    const second = stack.startNode('thief', 1);
    await second.says('another machine is running with this identity', soon);
    expect((await admin.nodes())[0]?.cloned?.tries).toBeGreaterThan(tries);
    await confirms(admin, 'who is still there?');
    await reportsAbove(admin, number + 1);
    expect(again.text).toContain('who is still there?');
    for (const text of ['who is there?', 'who is still there?']) expect(second.text).not.toContain(text);
    expect(again.text).not.toContain('another machine');

    // The operator decides that it is the other one that stays.
    await again.stop('SIGKILL');
    await second.stop('SIGKILL');
    await admin.delete(`nodes/${found?.id}/clone`);
    expect(await admin.nodes()).toMatchObject([{ id: found?.id, cloned: null }]);
    const moved = stack.startNode('thief', 1);
    await moved.says('joined the master', soon);
    await confirms(admin, 'who is there now?');
    expect(moved.text).toContain('who is there now?');
    expect(await admin.nodes()).toHaveLength(1);
  },
);
