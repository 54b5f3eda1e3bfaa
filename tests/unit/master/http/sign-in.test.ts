import { expect, test } from 'vitest';
import { namedProxies, peerIsProxy } from '../../../../services/master/src/http/proxies.ts';
import { password, testServer } from './test-server.ts';

const minute = 60_000;
const hour = 60 * minute;

test('a wrong name and a wrong password are answered with the same bytes', async () => {
  await using server = await testServer();
  const name = await server.post('/api/session', { name: 'nobody', password });
  const word = await server.post('/api/session', { name: 'admin', password: 'wrong' });
  expect(name.statusCode).toBe(401);
  const told = ({ statusCode, body, headers }: typeof name) => ({
    statusCode,
    body,
    headers: { ...headers, date: '' },
  });
  expect(told(name)).toEqual(told(word));
});

test.for([
  ['plain HTTP', {}, 'sealcast_session=…; Path=/; HttpOnly; SameSite=Strict'],
  ['a base path', { basePath: '/sealcast' }, 'sealcast_session=…; Path=/sealcast; HttpOnly; SameSite=Strict'],
  [
    'a proxy',
    { proxies: namedProxies(['127.0.0.1']) },
    '__Host-sealcast_session=…; Path=/; HttpOnly; Secure; SameSite=Strict',
  ],
  [
    'a proxy and a base path',
    { proxies: namedProxies(['127.0.0.1']), basePath: '/sealcast' },
    '__Secure-sealcast_session=…; Path=/sealcast; HttpOnly; Secure; SameSite=Strict',
  ],
] as const)('the cookie under %s is "%s"', async ([, options, expected]) => {
  await using server = await testServer(options);
  const answer = await server.post('/api/session', { name: 'admin', password });
  expect(answer.statusCode).toBe(204);
  expect(String(answer.headers['set-cookie']).replace(/=[A-Za-z0-9_-]{43};/, '=…;')).toBe(expected);
});

test('the store holds a hash of the token, and not the token', async () => {
  await using server = await testServer();
  const { cookie } = await server.signIn();
  const token = cookie.split('=')[1]!;
  expect(server.store.webSessions.find(token)).toBeUndefined();
  expect(server.store.webSessions.trim('admin', 0)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

test('every sign-in makes a new token and ends the session that the browser came with', async () => {
  await using server = await testServer();
  const first = await server.signIn();
  const answer = await server.post('/api/session', { name: 'admin', password }, first);
  expect(answer.cookies[0]?.value).not.toBe(first.cookie.split('=')[1]);
  expect((await server.app.inject({ url: '/api/session', headers: first })).statusCode).toBe(401);
});

test('a token that a stranger chose is never taken up', async () => {
  await using server = await testServer();
  const chosen = 'A'.repeat(43);
  const answer = await server.post(
    '/api/session',
    { name: 'admin', password },
    { cookie: `sealcast_session=${chosen}` },
  );
  expect(answer.cookies[0]?.value).not.toBe(chosen);
});

test('signing out ends the session and takes the cookie away', async () => {
  await using server = await testServer();
  const headers = await server.signIn();
  expect((await server.app.inject({ url: '/api/session', headers })).json()).toEqual({ name: 'admin' });
  const answer = await server.app.inject({ method: 'DELETE', url: '/api/session', headers });
  expect(answer.headers['set-cookie']).toContain('sealcast_session=; Max-Age=0; Path=/');
  expect((await server.app.inject({ url: '/api/session', headers })).statusCode).toBe(401);
});

test('a session ends after twelve hours without use, and use begins them anew', async () => {
  await using server = await testServer();
  const headers = await server.signIn();
  const status = async () => (await server.app.inject({ url: '/api/session', headers })).statusCode;
  server.clock.ms += 12 * hour - 1;
  expect(await status()).toBe(200);
  server.clock.ms += 12 * hour - 1;
  expect(await status()).toBe(200);
  server.clock.ms += 12 * hour;
  expect(await status()).toBe(401);
});

test('a session ends after thirty days, however much it is used', async () => {
  await using server = await testServer();
  const headers = await server.signIn();
  const begun = server.clock.ms;
  for (let hours = 11; hours < 30 * 24; hours += 11) {
    server.clock.ms = begun + hours * hour;
    expect((await server.app.inject({ url: '/api/session', headers })).statusCode).toBe(200);
  }
  server.clock.ms = begun + 30 * 24 * hour;
  expect((await server.app.inject({ url: '/api/session', headers })).statusCode).toBe(401);
});

test.for(['', 'x', 'A'.repeat(42), `${'A'.repeat(43)}=`, `${'A'.repeat(42)}%20`, 'A'.repeat(4000)])(
  'the cookie "%s" opens nothing',
  async (value) => {
    await using server = await testServer();
    const headers = { cookie: `sealcast_session=${value}` };
    expect((await server.app.inject({ url: '/api/session', headers })).statusCode).toBe(401);
  },
);

test('tries from one address have to wait, also with the right password, and longer each time', async () => {
  await using server = await testServer();
  const wrong = () => server.post('/api/session', { name: `nobody ${Math.random()}`, password: 'wrong' });
  for (let tries = 0; tries < 5; tries += 1) expect((await wrong()).statusCode).toBe(401);
  const limited = await server.post('/api/session', { name: 'admin', password });
  expect([limited.statusCode, limited.headers['retry-after']]).toEqual([429, '1']);
  server.clock.ms += 1000;
  expect((await wrong()).statusCode).toBe(401);
  expect((await wrong()).headers['retry-after']).toBe('2');
  server.clock.ms += 2000;
  expect((await server.post('/api/session', { name: 'admin', password })).statusCode).toBe(204);
});

test('many tries at once are counted before the first is answered', async () => {
  await using server = await testServer();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => server.post('/api/session', { name: 'admin', password: 'wrong' })),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5);
  expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(15);
});

test('the address behind a trusted proxy is the one that counts', async () => {
  await using server = await testServer({ proxies: { isProxy: peerIsProxy } });
  const from = (address: string) =>
    server.post(
      '/api/session',
      { name: `nobody ${address}`, password: 'wrong' },
      { 'x-forwarded-for': `1.2.3.4, ${address}` },
    );
  for (let tries = 0; tries < 5; tries += 1) await from('192.0.2.1');
  expect((await from('192.0.2.1')).statusCode).toBe(429);
  expect((await from('192.0.2.2')).statusCode).toBe(401);
});

test('without a proxy nobody changes address by a header', async () => {
  await using server = await testServer();
  const from = (address: string) =>
    server.post('/api/session', { name: `nobody ${address}`, password: 'wrong' }, { 'x-forwarded-for': address });
  for (let tries = 0; tries < 5; tries += 1) await from(`192.0.2.${tries}`);
  expect((await from('192.0.2.99')).statusCode).toBe(429);
});

test('who has too many sessions loses the one used longest ago', async () => {
  await using server = await testServer();
  const first = await server.signIn();
  for (let count = 0; count < 32; count += 1) {
    server.clock.ms += minute;
    await server.signIn();
  }
  expect((await server.app.inject({ url: '/api/session', headers: first })).statusCode).toBe(401);
});
