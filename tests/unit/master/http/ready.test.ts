import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testServer } from './test-server.ts';

async function ready(server: Awaited<ReturnType<typeof testServer>>) {
  const answer = await server.app.inject({ url: '/api/ready' });
  return [answer.statusCode, answer.json()];
}

test('a master whose wire is up and whose store writes is ready', async () => {
  await using server = await testServer();
  expect(await ready(server)).toEqual([200, { status: 'ready', wire: true, store: true }]);
});

test('without its wire it is not, and is alive', async () => {
  await using server = await testServer();
  server.fleet.up = false;
  expect(await ready(server)).toEqual([503, { status: 'not ready', wire: false, store: true }]);
  expect((await server.app.inject({ url: '/api/health' })).statusCode).toBe(200);
  server.fleet.up = true;
  expect(await ready(server)).toEqual([200, { status: 'ready', wire: true, store: true }]);
});

test('while somebody else holds the database it is not, says so at once, and tries again after two seconds', async () => {
  await using server = await testServer();
  const other = new DatabaseSync(join(server.folder, 'data', 'sealcast.db'));
  other.exec('BEGIN IMMEDIATE');
  expect(await ready(server)).toEqual([503, { status: 'not ready', wire: true, store: false }]);
  other.exec('ROLLBACK');
  other.close();
  server.clock.ms += 1999;
  expect(await ready(server)).toEqual([503, { status: 'not ready', wire: true, store: false }]);
  server.clock.ms += 1;
  expect(await ready(server)).toEqual([200, { status: 'ready', wire: true, store: true }]);
});

test('whoever asks again and again has one write done in two seconds', async () => {
  await using server = await testServer();
  for (let asked = 0; asked < 20; asked += 1) await ready(server);
  expect(server.store.counters.value('probe')).toBe(1);
  server.clock.ms += 2000;
  await ready(server);
  expect(server.store.counters.value('probe')).toBe(2);
});

test('a store that is closed writes nothing', async () => {
  await using server = await testServer();
  server.store.close();
  expect(await ready(server)).toEqual([503, { status: 'not ready', wire: true, store: false }]);
});
