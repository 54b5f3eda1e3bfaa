import { beforeAll, expect, test } from 'vitest';
import type { NodeView } from '@sealcast/master/fleet/views';
import { docker } from './docker.ts';
import { compose, Stack } from './stack.ts';

let stack: Stack;
let before: NodeView[];

const reporting = (least: number) => (nodes: NodeView[]) =>
  nodes.filter(({ state, sample }) => state === 'alive' && (sample?.number ?? 0) > least).length === 3;

beforeAll(async () => {
  stack = await Stack.start();
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  const client = await stack.client();
  before = await client.untilNodes(reporting(1), AbortSignal.timeout(30_000));
});

/** Waits until nginx reaches the master. */
async function healthyAgain(): Promise<void> {
  await compose(stack.place, 'up', '--detach', '--wait', '--no-recreate', 'nginx');
}

test('after the master was killed and started again, every node rejoins, reports and confirms a broadcast', async () => {
  const newest = Math.max(...before.map(({ sample }) => sample?.number ?? 0));
  await docker(['kill', '--signal', 'KILL', stack.container('master')]);
  await docker(['start', stack.container('master')]);
  await healthyAgain();
  const client = await stack.client();
  const after = await client.untilNodes(reporting(newest + 1), AbortSignal.timeout(120_000));
  expect(after.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
  const command = await client.broadcast('Here again.', AbortSignal.timeout(20_000));
  expect(command.receipts.map(({ name, outcome }) => `${name} ${outcome}`).toSorted()).toEqual([
    'node-1 done',
    'node-2 done',
    'node-3 done',
  ]);
});

test('a master that is made anew at another address is found by the nodes and by nginx', async () => {
  const newest = Math.max(...before.map(({ sample }) => sample?.number ?? 0));
  const address = async (): Promise<string> =>
    await docker([
      'inspect',
      '--format',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}',
      stack.container('master'),
    ]);
  const old = await address();
  await docker(['rm', '--force', stack.container('master')]);
  // Something else takes the addresses that the master had.
  await stack.occupyAddress('uplink');
  await stack.occupyAddress('field');
  await healthyAgain();
  expect(await address()).not.toBe(old);
  const client = await stack.client();
  await client.untilNodes(reporting(newest + 1), AbortSignal.timeout(120_000));
});
