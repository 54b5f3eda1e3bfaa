import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:https';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { makeAuthorityCertificate } from '../../../../services/init/src/certificate.ts';
import { namedProxies } from '../../../../services/master/src/http/proxies.ts';
import { testServer } from './test-server.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join(';');

test.for(['/', '/api/health', '/api/nodes', '/nothing', '/assets/index-abc123.js'])(
  '%s is answered with the policy that lets the page load its own files alone',
  async (url) => {
    await using server = await testServer();
    const { headers } = await server.app.inject(url);
    expect(headers['content-security-policy']).toBe(policy);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['referrer-policy']).toBe('no-referrer');
  },
);

test('no browser is bound to TLS, which would hold for the other programs of the machine too', async () => {
  await using proxied = await testServer({ proxies: namedProxies(['127.0.0.1']) });
  expect((await proxied.app.inject('/')).headers).not.toHaveProperty('strict-transport-security');
});

test.for(['', '/sealcast'])('below "%s" stand the page and the API', async (basePath) => {
  await using server = await testServer({ basePath });
  const page = await server.app.inject(`${basePath}/`);
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body).toContain('<title>Sealcast</title>');
  expect((await server.app.inject(`${basePath}/api/health`)).json()).toEqual({ status: 'ok' });
});

test('the base path without its slash leads to the page, whose addresses are relative', async () => {
  await using server = await testServer({ basePath: '/sealcast' });
  const { statusCode, headers } = await server.app.inject('/sealcast');
  expect([statusCode, headers.location]).toEqual([308, '/sealcast/']);
});

test.for(['/', '/api/health', '/index.html', '/sealcastle/', '/sealcastle/api/health'])(
  'with a base path there is nothing at %s',
  async (url) => {
    await using server = await testServer({ basePath: '/sealcast' });
    const answer = await server.app.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({ error: 'There is nothing at this address.' });
  },
);

test.for([
  ['/', 'no-cache'],
  ['/index.html', 'no-cache'],
  ['/theme.js', 'no-cache'],
  ['/assets/index-abc123.js', 'public, max-age=31536000, immutable'],
  ['/api/health', 'no-store'],
  ['/api/session', 'no-store'],
] as const)('%s is cached as "%s"', async ([url, expected]) => {
  await using server = await testServer();
  expect((await server.app.inject(url)).headers['cache-control']).toBe(expected);
});

test('a page that the browser has is not sent again', async () => {
  await using server = await testServer();
  const { headers } = await server.app.inject('/');
  const again = await server.app.inject({ url: '/', headers: { 'if-none-match': headers.etag } });
  expect(again.statusCode).toBe(304);
});

test.for([
  '/.secret',
  '/assets',
  '/assets/',
  '/../data/sealcast.db',
  '/%2e%2e/data/sealcast.db',
  '/..%2fdata%2fsealcast.db',
  '/assets/..%5c..%5cdata',
  '//etc/passwd',
  '/api',
  '/api/nothing',
])('%s gives no file away', async (url) => {
  await using server = await testServer();
  const answer = await server.app.inject(url);
  expect([400, 403, 404]).toContain(answer.statusCode);
  expect(answer.json()).toEqual({ error: expect.any(String) });
});

test('the page is not written to', async () => {
  await using server = await testServer();
  expect((await server.post('/', {})).statusCode).toBe(404);
});

test('a master without a page serves its API, and says so in the log', async () => {
  await using server = await testServer({ dashboardDir: '/nowhere' });
  expect((await server.app.inject('/')).statusCode).toBe(404);
  expect((await server.app.inject('/api/health')).statusCode).toBe(200);
  expect(server.lines.join('')).toContain('there is no page to serve');
});

test('with a certificate the server speaks TLS, and its cookie goes nowhere else', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = await makeAuthorityCertificate(privateKey, new Date());
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await using server = await testServer({ tls: { cert, key } });
  const port = await server.listen();
  const options = { port, host: '127.0.0.1', path: '/api/session', method: 'POST', rejectUnauthorized: false };
  const sent = request({ ...options, agent: false, headers: { 'content-type': 'application/json' } });
  sent.end(JSON.stringify({ name: 'admin', password: 'correct horse' }));
  const [answer] = await once(sent, 'response');
  expect(answer.statusCode).toBe(204);
  expect(answer.headers['set-cookie'][0]).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  answer.resume();
});
