import { expect, test } from 'vitest';
import { namedProxies } from '../../../../services/master/src/http/proxies.ts';
import { testServer } from './test-server.ts';

const host = 'master.lan:8080';

test.for([
  ['comes from a program', {}, 201],
  ['comes from the page', { 'sec-fetch-site': 'same-origin', origin: `http://${host}` }, 201],
  ['is typed by a person', { 'sec-fetch-site': 'none' }, 201],
  ['comes from the page in an older browser', { origin: `http://${host}` }, 201],
  ['comes from the page behind TLS that a proxy ends', { origin: `https://${host}` }, 201],
  ['comes from another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
  ['comes from another host of the same site', { 'sec-fetch-site': 'same-site' }, 403],
  ['calls another site the same', { 'sec-fetch-site': 'cross-site', origin: `http://${host}` }, 403],
  ['comes from another site in an older browser', { origin: 'https://evil.example' }, 403],
  ['comes from another port', { origin: 'http://master.lan:9090' }, 403],
  ['comes from nowhere', { origin: 'null' }, 403],
  ['comes from an origin that is none', { origin: 'master.lan:8080' }, 403],
  ['claims another host by a header', { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' }, 403],
] as const)('a change that %s', async ([, headers, status]) => {
  await using server = await testServer();
  const signedIn = await server.signIn();
  const answer = await server.post('/api/invites', { label: 'node-1' }, { host, ...signedIn, ...headers });
  expect(answer.statusCode).toBe(status);
});

test('a default port is the same as none', async () => {
  await using server = await testServer();
  const headers = { ...(await server.signIn()), host: 'master.lan:443', origin: 'https://master.lan' };
  expect((await server.post('/api/invites', { label: 'node-1' }, headers)).statusCode).toBe(201);
});

test('behind a proxy the host is the one that the proxy was asked for', async () => {
  await using server = await testServer({ proxies: namedProxies(['127.0.0.1']) });
  const proxied = { host: 'master:8080', 'x-forwarded-host': 'fleet.example', origin: 'https://fleet.example' };
  const headers = { ...(await server.signIn()), ...proxied };
  expect((await server.post('/api/invites', { label: 'node-1' }, headers)).statusCode).toBe(201);
});

test.for([
  ['POST', '/api/session', { name: 'admin', password: 'correct horse' }],
  ['DELETE', '/api/session', undefined],
  ['POST', '/api/commands', { action: { type: 'text', text: 'hello' }, targets: 'everyone' }],
  ['POST', '/api/invites', { label: 'node-1' }],
  ['DELETE', `/api/invites/${'e'.repeat(64)}`, undefined],
] as const)('%s %s does nothing for another site', async ([method, url, payload]) => {
  await using server = await testServer();
  const headers = { ...(await server.signIn()), 'sec-fetch-site': 'cross-site' };
  const answer = await server.app.inject({ method, url, headers, ...(payload && { payload }) });
  expect(answer.statusCode).toBe(403);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(server.fleet.orders).toEqual([]);
  expect(server.store.invites.list()).toEqual([]);
});

test.for(['session', 'nodes', 'commands', 'invites', 'relays', 'refusals', 'status', 'events'])(
  'another site reads nothing of api/%s, and opens no stream',
  async (path) => {
    await using server = await testServer();
    const headers = { ...(await server.signIn()), 'sec-fetch-site': 'same-site' };
    expect((await server.app.inject({ url: `/api/${path}`, headers })).statusCode).toBe(403);
    expect(server.fleet.listeners).toBe(0);
  },
);

test('that the master runs may be asked from anywhere, and a browser tells no other site', async () => {
  await using server = await testServer();
  const answer = await server.app.inject({ url: '/api/health', headers: { 'sec-fetch-site': 'cross-site' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});
