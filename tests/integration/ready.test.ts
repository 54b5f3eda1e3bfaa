import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';

/** The transport's process. */
function childOf(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return Number(children.find((child) => child !== ''));
}

function listens(server: Server, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => resolve(true));
  return promise;
}

test('a master that has lost its ports is alive and not ready, and ready when it has them again', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const ready = async () => {
    const answer = await fetch(`${stack.url}/api/ready`);
    return [answer.status, await answer.json()];
  };
  expect(await ready()).toEqual([200, { status: 'ready', wire: true, store: true }]);
  await using thief = createServer();
  process.kill(childOf(stack.master.pid), 'SIGKILL');
  await expect.poll(() => listens(thief, Number(stack.ports['mq_sub_port'])), { interval: 10 }).toBe(true);
  await stack.master.says('could not start again');
  expect(await ready()).toEqual([503, { status: 'not ready', wire: false, store: true }]);
  expect((await fetch(`${stack.url}/api/health`)).status).toBe(200);
  thief.close();
  await stack.master.says('process runs again');
  expect(await ready()).toEqual([200, { status: 'ready', wire: true, store: true }]);
});
