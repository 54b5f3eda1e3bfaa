import { expect, test } from 'vitest';
import { tokenCheck } from '@sealcast/master/metrics/metrics-token';
import { figures } from '../metrics/figures.ts';
import { testServer } from './test-server.ts';

const token = 'm'.repeat(43);
const metrics = { showsToken: tokenCheck(token), figures: () => figures };
const authorization = `Bearer ${token}`;

test.each(['', '/sealcast'])('with the token, metrics are at %s/metrics', async (basePath) => {
  await using server = await testServer({ basePath, metrics });
  const answer = await server.app.inject({ url: `${basePath}/metrics`, headers: { authorization } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.body).toContain(`sealcast_node_up{id="${'a'.repeat(32)}"} 1\n`);
  expect(answer.body).toContain('sealcast_event_streams 0\n');
});

test('without the token there is one answer for everybody, also for who is signed in', async () => {
  await using server = await testServer({ metrics });
  const answers = await Promise.all(
    [{}, { authorization: `Bearer ${'n'.repeat(43)}` }, { authorization: `Basic ${token}` }, await server.signIn()].map(
      (headers) => server.app.inject({ url: '/metrics', headers }),
    ),
  );
  for (const { statusCode, headers, body } of answers) {
    expect([statusCode, headers['www-authenticate'], headers['cache-control']]).toEqual([401, 'Bearer', 'no-store']);
    expect(body).toBe('{"error":"The token for metrics is missing or wrong."}');
  }
  expect(server.lines.join('')).not.toContain(token);
});

test('the token opens nothing else', async () => {
  await using server = await testServer({ metrics });
  for (const url of ['/api/nodes', '/api/session', '/api/events'])
    expect((await server.app.inject({ url, headers: { authorization } })).statusCode).toBe(401);
});

test('where there is no token there are no metrics', async () => {
  await using server = await testServer();
  expect((await server.app.inject({ url: '/metrics', headers: { authorization } })).statusCode).toBe(404);
});

test('metrics take no query', async () => {
  await using server = await testServer({ metrics });
  expect((await server.app.inject({ url: '/metrics?name[]=x', headers: { authorization } })).statusCode).toBe(400);
});
