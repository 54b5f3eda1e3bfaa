// The attacker has the master, or a cache or a proxy before it, answer a request that names his own host, in the hope that a link, a
// redirect, a cookie or an invite for somebody else follows it. The master is a process; the requests are written byte for byte.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInvite } from '@sealcast/channel/invite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stack } from '../../stack/stack.ts';
import { type RawAnswer, rawRequest } from './raw-request.ts';

const base = '/sealcast';
let stack: Stack;
let port: number;
let password: string;

beforeAll(async () => {
  stack = await Stack.start({ invites: 1, master: { server_virtual_host: base } });
  port = Number(stack.ports['server_port']);
  password = (await readFile(join(stack.keys, 'admin.password'), 'utf8')).trim();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

/** Header lines beside a Host that is right. */
const poison = [
  'X-Forwarded-Host: evil.test',
  'X-Forwarded-Host: evil.test:443, other.evil.test',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Proto: gopher',
  'X-Forwarded-Port: 666',
  'X-Forwarded-Prefix: /evil.test',
  'X-Forwarded-Server: evil.test',
  'X-Forwarded-For: evil.test, 192.0.2.1',
  'X-Forwarded-Scheme: http',
  'Forwarded: for=192.0.2.1;host=evil.test;proto=https',
  'X-Host: evil.test',
  'X-Original-Host: evil.test',
  'X-HTTP-Host-Override: evil.test',
  'X-Original-URL: /evil.test',
  'X-Rewrite-URL: /evil.test',
  'Origin: https://evil.test',
  'Referer: https://evil.test/',
  'Via: 1.1 evil.test',
];

const hosts = [
  'evil.test',
  'evil.test:80',
  '',
  '127.0.0.1@evil.test',
  '127.0.0.1, evil.test',
  'evil.test/%0d%0aX: y',
  '[::1]:1',
];

const pages = ['', '/', '/index.html', '/theme.js', '/api/health', '/api/nothing', '/api/nodes', '/nothing'];

const settings = [
  ['false', 'sealcast_session', ''],
  ['true', '__Secure-sealcast_session', '; Secure'],
  ['192.0.2.7, 10.0.0.0/8', '__Secure-sealcast_session', '; Secure'],
] as const;

let setTo = 'false';

async function behind(setting: string): Promise<void> {
  if (setting === setTo) return;
  await stack.master.stop();
  await stack.restartMaster({ server_behind_proxy: setting });
  setTo = setting;
}

const rightHost = () => `Host: 127.0.0.1:${port}`;

function get(target: string, headers: string[]): Promise<RawAnswer> {
  return rawRequest(port, [`GET ${target} HTTP/1.1`, ...headers]);
}

function post(path: string, body: object, headers: string[]): Promise<RawAnswer> {
  const text = JSON.stringify(body);
  const own = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`];
  return rawRequest(port, [`POST ${base}/api/${path} HTTP/1.1`, ...own, ...headers], text);
}

describe.for(settings)('with server_behind_proxy=%s', ([setting, cookieName, secure]) => {
  beforeAll(() => behind(setting));

  test('no link, redirect, cookie or invite follows a host that the request names', async () => {
    // A program beside the page says nothing of another site, or it would be refused for that.
    const all = poison.filter((line) => !line.startsWith('Origin'));
    for (const page of pages) {
      const expected = await get(base + page, [rightHost()]);
      expect([200, 308, 401, 404]).toContain(expected.status);
      for (const header of poison) {
        const refused = header.startsWith('Origin') && page === '/api/nodes';
        const answer = await get(base + page, [rightHost(), header]);
        expect({ page, header, ...answer }).toMatchObject({ page, header, ...(refused ? { status: 403 } : expected) });
      }
      expect(await get(base + page, [rightHost(), ...all])).toEqual(expected);
      for (const host of hosts) {
        const answer = await get(base + page, [`Host: ${host}`]);
        expect({ page, host, ...answer }).toMatchObject({ page, host, ...(answer.status === 400 ? {} : expected) });
        expect(JSON.stringify(answer)).not.toContain('evil');
      }
    }
    expect((await get(base, [rightHost(), ...all])).headers).toContain(`location: ${base}/`);

    const signedIn = await post('session', { name: 'admin', password }, ['Host: evil.test', ...all]);
    expect(signedIn.status).toBe(204);
    const [cookie = '', ...more] = signedIn.headers.filter((header) => /^set-cookie:/i.test(header));
    expect(more).toEqual([]);
    const token = /=([A-Za-z0-9_-]{43});/.exec(cookie)?.[1] ?? '';
    expect(cookie).toBe(`set-cookie: ${cookieName}=${token}; Path=${base}; HttpOnly${secure}; SameSite=Strict`);

    const held = `Cookie: ${cookieName}=${token}`;
    const made = await post('invites', { label: 'here' }, ['Host: evil.test', held, ...all]);
    expect(made.status).toBe(201);
    expect(parseInvite(JSON.parse(made.body).invite).host).toBe('127.0.0.1');
    const relays = await get(`${base}/api/relays`, ['Host: evil.test', held, ...all]);
    expect(relays.body).toBe((await get(`${base}/api/relays`, [rightHost(), held])).body);
  });

  test('who may be taken for whom by X-Forwarded headers', async () => {
    // The peer is 127.0.0.1, which is named by `true` alone.
    const isProxy = setting === 'true';
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const headers = [rightHost(), `X-Forwarded-For: 198.51.100.${tries}`];
      statuses.push((await post('session', { name: `stranger ${tries}`, password: 'a guess' }, headers)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, isProxy ? 401 : 429]);
    const own = ['X-Forwarded-Host: evil.test', 'X-Forwarded-For: 203.0.113.1'];
    const forged = [rightHost(), 'Origin: https://evil.test', ...own];
    const answer = await post('session', { name: 'nobody', password: 'a guess' }, forged);
    // What a proxy was asked for is what it says; a browser lets no page of another site write that header.
    expect(answer.status).toBe(isProxy ? 401 : 403);
    const asked = await rawRequest(port, [
      `OPTIONS ${base}/api/session HTTP/1.1`,
      ...forged,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: x-forwarded-host',
    ]);
    expect([asked.status, asked.headers.filter((header) => /^access-control/i.test(header))]).toEqual([404, []]);
  });
});

test.for([
  ['a target in absolute form', (path: string) => [`GET http://evil.test${path} HTTP/1.1`, rightHost()]],
  [
    'a target of another host, and its Host too',
    (path: string) => [`GET http://evil.test${path} HTTP/1.1`, 'Host: evil.test'],
  ],
  ['a target that begins with two slashes', (path: string) => [`GET //evil.test${path} HTTP/1.1`, rightHost()]],
  ['a target that begins with a backslash', (path: string) => [`GET /\\evil.test${path} HTTP/1.1`, rightHost()]],
  ['two Hosts', (path: string) => [`GET ${path} HTTP/1.1`, rightHost(), 'Host: evil.test']],
  ['two Hosts, the other one first', (path: string) => [`GET ${path} HTTP/1.1`, 'Host: evil.test', rightHost()]],
  ['a Host that goes on', (path: string) => [`GET ${path} HTTP/1.1`, rightHost(), ' evil.test']],
  ['a Host with a space before its colon', (path: string) => [`GET ${path} HTTP/1.1`, rightHost(), 'Host : evil.test']],
  ['no Host', (path: string) => [`GET ${path} HTTP/1.1`]],
  ['no Host, as HTTP/1.0 has it', (path: string) => [`GET ${path} HTTP/1.0`, 'X-Forwarded-Host: evil.test']],
  ['an authority for a target', () => ['CONNECT evil.test:443 HTTP/1.1', rightHost()]],
] as const)('%s changes nothing of an answer', async ([, linesOf]) => {
  for (const page of ['', '/', '/api/health', '/api/nodes']) {
    const expected = await get(base + page, [rightHost()]);
    const answer = await rawRequest(port, linesOf(base + page));
    // CONNECT gets no answer at all.
    const refused = [400, 404].includes(answer.status) || answer.headers.length === 0;
    expect(answer).toMatchObject(refused ? {} : expected);
    expect(JSON.stringify(answer)).not.toContain('evil');
  }
});

test('nothing that a cache may keep depends on who asks', async () => {
  const kept: string[] = [];
  for (const page of [...pages, '/api/session', '/api/events', '/api/invites', '/assets/nothing.js']) {
    const { headers } = await get(base + page, [rightHost()]);
    const control = headers.find((header) => /^cache-control:/i.test(header)) ?? 'cache-control: none';
    kept.push(`${page} ${control.slice(15)}`);
    expect(headers.filter((header) => /^set-cookie:/i.test(header))).toEqual([]);
  }
  // The one that may be kept leads to the page, and is the same for everybody.
  expect(kept).toEqual([
    ' none',
    '/ no-cache',
    '/index.html no-cache',
    '/theme.js no-cache',
    ...['/api/health', '/api/nothing', '/api/nodes', '/nothing'].map((page) => `${page} no-store`),
    ...['/api/session', '/api/events', '/api/invites', '/assets/nothing.js'].map((page) => `${page} no-store`),
  ]);
});
