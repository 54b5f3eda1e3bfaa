import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { httpErrors } from '../../../../services/master/src/http/errors.ts';
import { testServer } from './test-server.ts';

const id = 'a'.repeat(32);
const hash = 'e'.repeat(64);
const relay = 'd'.repeat(32);

const text = { type: 'text', text: 'hello' };
const run = { type: 'run', program: '/bin/echo', arguments: ['hello'], seconds: 10 };

/** Every route of the API: what it answers signed out, and signed in. */
const table = [
  { method: 'GET', url: '/api/health', out: 200, in: 200 },
  { method: 'GET', url: '/api/ready', out: 200, in: 200 },
  { method: 'POST', url: '/api/session', payload: { name: 'admin', password: 'wrong' }, out: 401, in: 401 },
  { method: 'GET', url: '/api/session', out: 401, in: 200 },
  { method: 'DELETE', url: '/api/session', out: 401, in: 204 },
  { method: 'GET', url: '/api/nodes', out: 401, in: 200 },
  { method: 'GET', url: `/api/nodes/${id}/history`, route: '/api/nodes/:id/history', out: 401, in: 200 },
  {
    method: 'PUT',
    url: `/api/nodes/${id}/name`,
    route: '/api/nodes/:id/name',
    payload: { name: 'x' },
    out: 401,
    in: 204,
  },
  { method: 'DELETE', url: `/api/nodes/${id}`, route: '/api/nodes/:id', out: 401, in: 204 },
  { method: 'DELETE', url: `/api/nodes/${id}/clone`, route: '/api/nodes/:id/clone', out: 401, in: 204 },
  { method: 'GET', url: '/api/commands', out: 401, in: 200 },
  { method: 'POST', url: '/api/commands', payload: { action: text, targets: 'everyone' }, out: 401, in: 201 },
  { method: 'GET', url: '/api/invites', out: 401, in: 200 },
  { method: 'POST', url: '/api/invites', payload: { label: 'node-1' }, out: 401, in: 201 },
  { method: 'DELETE', url: `/api/invites/${hash}`, route: '/api/invites/:id', out: 401, in: 204 },
  { method: 'GET', url: '/api/relays', out: 401, in: 200 },
  { method: 'POST', url: '/api/relays', payload: { name: 'barn', line: 'sealcast-hop1:x' }, out: 401, in: 201 },
  { method: 'DELETE', url: `/api/relays/${relay}`, route: '/api/relays/:id', out: 401, in: 204 },
  { method: 'GET', url: '/api/status', out: 401, in: 200 },
  { method: 'GET', url: '/api/refusals', out: 401, in: 200 },
  { method: 'GET', url: '/docs', out: 401, in: 200 },
  { method: 'GET', url: '/docs/json', out: 401, in: 200 },
  // Signed in, it goes on: events.test.ts reads it over a socket.
  { method: 'GET', url: '/api/events', out: 401, in: undefined },
] as const;

const pageRoutes = ['GET,HEAD /sealcast/*', 'GET,HEAD /sealcast/', 'HEAD,GET /sealcast/*', 'HEAD,GET /sealcast/'];

interface Route {
  method: string | string[];
  url: string;
  schema?: { body?: unknown; querystring?: unknown; params?: unknown; response?: unknown };
}

async function allRoutes(): Promise<Route[]> {
  await using server = await testServer({ basePath: '/sealcast' });
  const routes: Route[] = [];
  server.app.addHook('onRoute', (route) => void routes.push(route));
  await server.app.ready();
  return routes.filter((route) => !pageRoutes.includes(nameOf(route)));
}

function nameOf({ method, url }: Route): string {
  return `${String(method)} ${url}`;
}

test('the table below knows every route', async () => {
  const names = (await allRoutes()).map(nameOf);
  const known = table.map((row) => `${row.method} /sealcast${'route' in row ? row.route : row.url}`);
  expect(names.toSorted()).toEqual([...known, 'GET /sealcast'].toSorted());
});

test.for(table)('$method $url answers $out signed out and $in signed in', async (row) => {
  await using server = await testServer();
  server.store.invites.add({ hash, label: '', created: 1, expires: 2_000_000_000 });
  if (row.method === 'DELETE') server.fleet.addRelay({ name: 'attic', line: 'sealcast-hop1:y', by: 'admin' });
  const request = { method: row.method, url: row.url, ...('payload' in row && { payload: row.payload }) };
  const signedOut = await server.app.inject(request);
  expect(signedOut.statusCode).toBe(row.out);
  expect(Object.keys(signedOut.json<object>())).toContain(row.out === 401 ? 'error' : 'status');
  if (row.in === undefined) return;
  const signedIn = await server.app.inject({ ...request, headers: await server.signIn() });
  expect(signedIn.statusCode).toBe(row.in);
});

test('every route declares what it takes and what it answers', async () => {
  const lacking = (await allRoutes()).filter(({ method, url, schema }) => {
    const takes: ('body' | 'querystring' | 'params')[] = url.includes('/api/') ? ['querystring'] : [];
    if (url.includes(':')) takes.push('params');
    if (method === 'POST' || method === 'PUT') takes.push('body');
    return schema?.response === undefined || takes.some((part) => schema[part] === undefined);
  });
  expect(lacking.map(nameOf)).toEqual([]);
});

test('no route takes a property that it does not know', async () => {
  const open = (await allRoutes()).filter(({ schema }) =>
    [schema?.body, schema?.querystring, schema?.params].some((part) => hasOpenObject(part)),
  );
  expect(open.map(nameOf)).toEqual([]);
});

function hasOpenObject(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  if ('type' in schema && schema.type === 'object')
    if (!('additionalProperties' in schema) || schema.additionalProperties !== false) return true;
  return Object.values(schema).some(hasOpenObject);
}

test('every error code is thrown or answered somewhere', () => {
  const folder = new URL('../../../../services/master/src/http/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'errors.ts')
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  expect(Object.keys(httpErrors).filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});

test.for([
  ['POST', '/api/commands', { action: text, targets: 'everyone', more: 1 }],
  ['POST', '/api/commands', { action: { ...text, seconds: 1 }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: text, targets: [] }],
  ['POST', '/api/commands', { action: text, targets: [id, id] }],
  ['POST', '/api/commands', { action: text, targets: ['A'.repeat(32)] }],
  ['POST', '/api/commands', { action: text, targets: 'everyone', expiresInSeconds: '60' }],
  ['POST', '/api/commands', { action: { type: 'interval', seconds: 0 }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { type: 'interval', seconds: 1.5 }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { type: 'text', text: 1 }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { type: 'reboot' }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { type: 'rotate', more: 1 }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, seconds: 3601 }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, program: 'uptime' }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, program: '/two\nlines' }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, program: `/${'ä'.repeat(128)}` }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, arguments: Array(33).fill('a') }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, arguments: ['a\tb'] }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, arguments: ['ä'.repeat(129)] }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { ...run, arguments: ['\ud800'] }, targets: 'everyone' }],
  ['POST', '/api/commands', { action: { type: 'run', program: '/bin/true', seconds: 1 }, targets: 'everyone' }],
  ['POST', '/api/invites', { label: 'a', host: 'master.lan', relay }],
  ['POST', '/api/invites', { label: 'a', relay: 'attic' }],
  ['POST', '/api/relays', { name: 'two\nlines', line: 'sealcast-hop1:x' }],
  ['POST', '/api/relays', { name: '', line: 'sealcast-hop1:x' }],
  ['POST', '/api/relays', { name: 'barn', line: 'sealcast1:x' }],
  ['POST', '/api/relays', { name: 'barn', line: `sealcast-hop1:${'x'.repeat(1024)}` }],
  ['DELETE', '/api/relays/1', undefined],
  ['DELETE', '/api/nodes/1', undefined],
  ['DELETE', `/api/nodes/${'A'.repeat(32)}/clone`, undefined],
  ['POST', '/api/invites', { label: 'two\nlines' }],
  ['POST', '/api/invites', { label: '' }],
  ['POST', '/api/invites', { label: 'a', hours: 0 }],
  ['POST', '/api/invites', { label: 'a', host: 'http://master' }],
  ['POST', '/api/session', { name: 'admin' }],
  ['POST', '/api/session', { name: 'admin', password: '' }],
  ['POST', '/api/session', { name: ['admin'], password: 'a' }],
  ['GET', '/api/nodes?more=1', undefined],
  ['GET', `/api/nodes/${id}/history?minutes=0`, undefined],
  ['GET', `/api/nodes/${id}/history?minutes=999999`, undefined],
  ['GET', `/api/nodes/${id}/history?minutes=60&minutes=61`, undefined],
  ['GET', '/api/nodes/nobody/history', undefined],
  ['DELETE', '/api/invites/1', undefined],
] as const)('%s %s with %j is refused', async ([method, url, payload]) => {
  await using server = await testServer();
  const headers = await server.signIn();
  const answer = await server.app.inject({ method, url, headers, ...(payload && { payload }) });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
  expect([server.fleet.orders, server.fleet.relays(), server.fleet.removals]).toEqual([[], [], []]);
});

test.for([
  ['no JSON', 400, '{"name":', { 'content-type': 'application/json' }],
  ['nothing', 400, '', { 'content-type': 'application/json' }],
  [
    'a poisoned prototype',
    400,
    '{"__proto__":{"a":1},"name":"a","password":"b"}',
    { 'content-type': 'application/json' },
  ],
  ['plain text', 415, 'name', { 'content-type': 'text/plain' }],
  ['a form', 415, 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['too much', 413, `{"name":"${'a'.repeat(5000)}"}`, { 'content-type': 'application/json' }],
] as const)('a body that is %s is answered with %i and a sentence', async ([, status, payload, headers]) => {
  await using server = await testServer();
  const answer = await server.post('/api/session', payload, headers);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
});

test.for([
  ['/api/%3Cscript%3Ealert(1)%3C/script%3E', 404],
  ['/%zz<script>', 400],
  [`/api/nodes/${'x'.repeat(2000)}/history`, 404],
  ['/api/nodes/<script>/history', 400],
  ['/api/nodes?<script>=1', 400],
] as const)('the answer to %s repeats nothing of it', async ([url, status]) => {
  await using server = await testServer();
  const answer = await server.app.inject({ method: 'GET', url, headers: await server.signIn() });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.json()).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
  expect(answer.body).not.toMatch(/script|xxxx|zz/);
});

test('a fault inside is told in a sentence without its reason, and logged with it', async () => {
  await using server = await testServer();
  server.fleet.nodes = () => {
    throw new Error('the secret reason');
  };
  const answer = await server.app.inject({ url: '/api/nodes', headers: await server.signIn() });
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toEqual({ error: 'The master failed at this; its log says why.' });
  expect(server.lines.join('')).toContain('the secret reason');
});

test('the log holds neither passwords nor cookies nor what stands in an address', async () => {
  await using server = await testServer();
  const { cookie } = await server.signIn();
  await server.post('/api/session', { name: 'admin', password: 'a wrong one' });
  await server.app.inject({ url: '/api/session?token=shown', headers: { cookie, authorization: 'Bearer shown' } });
  const log = server.lines.join('');
  expect(log).toContain('/api/session');
  expect(log).not.toMatch(new RegExp(`correct horse|a wrong one|${cookie.split('=')[1]}|shown`));
});
