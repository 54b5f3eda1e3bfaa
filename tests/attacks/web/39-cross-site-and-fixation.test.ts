// The attacker has a site of his own, on another host, a host beside the master's, or another port of it, and whoever is signed in at
// the master opens it; he can plant cookies where a browser lets him. The master is a process, the browser a real one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../../stack/stack.ts';
import { attackOn, type Heard } from './attacking-page.ts';
import { browserOfNamedHosts, OtherSite } from './named-hosts.ts';

let stack: Stack;
let browser: Browser;
let other: OtherSite;
let password: string;

beforeAll(async () => {
  [stack, browser, other] = await Promise.all([Stack.start({ invites: 1 }), browserOfNamedHosts(), OtherSite.start()]);
  password = (await readFile(join(stack.keys, 'admin.password'), 'utf8')).trim();
});

afterAll(async () => {
  await browser.close();
  await other[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

function master(host: string, scheme = 'http'): string {
  return `${scheme}://${host}:${stack.ports['server_port']}/`;
}

/** How many requests with these properties the master has answered. */
function answered(wanted: { method?: string; route?: string; status?: number }): number {
  return stack.master.lines.filter(
    (line) =>
      line.msg === 'a request was answered' && Object.entries(wanted).every(([name, value]) => line[name] === value),
  ).length;
}

const signIn = (name: string, word: string) =>
  `fetch('api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '${JSON.stringify({ name, password: word })}' }).then(({ status }) => status)`;
const whoAmI = `fetch('api/session').then(({ status }) => status)`;

async function victim(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${address}api/health`);
  await page.goto(address);
  expect(await page.evaluate<number>(signIn('admin', password))).toBe(204);
  return page;
}

/** What must be the same afterwards. */
async function state(page: Page): Promise<unknown> {
  return await page.evaluate(`Promise.all(['invites', 'commands', 'relays', 'session'].map((path) =>
    fetch('api/' + path).then(async (response) => [response.status, await response.text()])))`);
}

test.for([
  ['another port of its host', '127.0.0.1', '127.0.0.1'],
  ['another site', '127.0.0.1', 'localhost'],
  ['a host beside it, in a browser that says no Sec-Fetch-Site', 'fleet.test', 'evil.fleet.test'],
  ['another site, in a browser that says no Sec-Fetch-Site', 'fleet.test', 'evil.test'],
] as const)('a page of %s changes nothing, reads nothing and opens no stream', async ([, host, evil]) => {
  const context = await browser.newContext();
  const mine = await victim(context, master(host));
  const before = await state(mine);
  const cookies = await context.cookies();
  const refusedBefore = answered({ method: 'POST', status: 403 });
  const streamsBefore = answered({ route: '/api/events' });
  const page = await context.newPage();
  await page.goto(`http://${evil}:${other.port}/`);
  const { sent, got } = await page.evaluate<Heard>(attackOn(master(host), password));
  expect(got).toEqual([]);
  expect(sent).toBe(24);
  await stack.master.line(() => answered({ method: 'POST', status: 403 }) >= refusedBefore + sent);
  expect(answered({ method: 'POST', status: 403 })).toBe(refusedBefore + sent);
  await stack.master.line(() => answered({ route: '/api/events', status: 403 }) > streamsBefore);
  expect(answered({ route: '/api/events' })).toBe(streamsBefore + 1);
  expect(await context.cookies()).toEqual(cookies);
  expect(await state(mine)).toEqual(before);
  await context.close();
});

async function ask(path: string, init: RequestInit): Promise<Response> {
  return await fetch(`${stack.url}/api/${path}`, init);
}

async function cookieOf(): Promise<string> {
  const answer = await ask('session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password }),
  });
  expect(answer.status).toBe(204);
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

test('a forged request is refused with any type of body, whatever it says of where it comes from', async () => {
  const cookie = await cookieOf();
  const { port } = new URL(stack.url);
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: stack.url },
    { 'sec-fetch-site': 'Same-Origin' },
    { 'sec-fetch-site': '' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'https://evil.test' },
    { origin: `http://127.0.0.1.evil.test:${port}` },
    { origin: `http://localhost:${port}` },
    { origin: 'http://127.0.0.1:1' },
    { origin: `http://user@127.0.0.1:${port}@evil.test` },
    { origin: 'https://evil.test', 'x-forwarded-host': 'evil.test', 'x-forwarded-for': '127.0.0.1' },
    { origin: 'https://evil.test', forwarded: 'host=evil.test' },
  ];
  const types = [
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ];
  const body = JSON.stringify({ label: 'forged' });
  const seen = answered({ method: 'POST', route: '/api/invites', status: 403 });
  const before = await (await ask('invites', { headers: { cookie } })).text();
  for (const headers of foreign)
    for (const type of types) {
      const answer = await ask('invites', {
        method: 'POST',
        headers: { cookie, ...headers, 'content-type': type },
        body,
      });
      expect([answer.status, headers]).toEqual([403, headers]);
    }
  const refused = { method: 'POST', route: '/api/invites', status: 403 };
  await stack.master.line(() => answered(refused) >= seen + foreign.length * types.length);
  expect(answered(refused)).toBe(seen + foreign.length * types.length);
  // Also without a word of where it comes from, only JSON is read.
  for (const type of types.slice(2))
    expect((await ask('invites', { method: 'POST', headers: { cookie, 'content-type': type }, body })).status).toBe(
      415,
    );
  expect(await (await ask('invites', { headers: { cookie } })).text()).toBe(before);
});

test('no reading method changes anything, and no header or parameter makes another method of one', async () => {
  const cookie = await cookieOf();
  const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-method'];
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'TRACE-LIKE']) {
    for (const name of overrides) {
      const answer = await ask('session', { method, headers: { cookie, [name]: 'DELETE' } });
      expect([200, 400, 404, 415]).toContain(answer.status);
    }
    for (const query of ['?_method=DELETE', '?method=DELETE', '?x-http-method-override=DELETE'])
      expect([400, 404, 415]).toContain((await ask(`session${query}`, { method, headers: { cookie } })).status);
  }
  expect((await ask('session', { headers: { cookie } })).status).toBe(200);
});

test('no answer gives another origin leave to read it', async () => {
  const cookie = await cookieOf();
  const aborter = new AbortController();
  const paths = [
    'health',
    'session',
    'nodes',
    'commands',
    'invites',
    'relays',
    'refusals',
    'status',
    'events',
    'nothing',
  ];
  for (const path of paths)
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const headers = { cookie, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x' };
      const asked = [{}, { origin: 'https://evil.test' }, { origin: 'null' }, { origin: stack.url }];
      for (const extra of asked) {
        const answer = await ask(path, { method, headers: { ...headers, ...extra }, signal: aborter.signal });
        const named = [...answer.headers.keys()];
        expect(named.filter((name) => name.startsWith('access-control-') || name === 'timing-allow-origin')).toEqual(
          [],
        );
        expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
        await answer.body?.cancel();
      }
    }
  aborter.abort();
});

test('a session that was planted before the sign-in is not taken over, and signing out ends it on the server', async () => {
  const planted = `sealcast_session=${'A'.repeat(43)}`;
  const attacker = await cookieOf();
  const post = (cookie: string) =>
    ask('session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ name: 'admin', password }),
    });
  for (const cookie of [planted, attacker, `${planted}; ${attacker}`, `${attacker}; ${planted}`]) {
    const answer = await post(cookie);
    const [set = '', ...more] = answer.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(set).toMatch(/^sealcast_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const given = set.split(';')[0] ?? '';
    expect(cookie).not.toContain(given);
    expect((await ask('session', { headers: { cookie: given } })).status).toBe(200);
    // Two sessions at once are nobody's, in either order.
    for (const both of [`${given}; ${attacker}`, `${attacker}; ${given}`, `${given}; ${planted}`])
      expect((await ask('session', { headers: { cookie: both } })).status).toBe(401);
    expect((await ask('session', { method: 'DELETE', headers: { cookie: given } })).status).toBe(204);
    for (const path of ['session', 'nodes', 'events'])
      expect((await ask(path, { headers: { cookie: given } })).status).toBe(401);
  }
  // The one that the browser came with ended with the sign-in.
  expect((await ask('session', { headers: { cookie: attacker } })).status).toBe(401);
  expect((await ask('session', { headers: { cookie: planted } })).status).toBe(401);
});

test('over TLS a host beside the master, and plain HTTP on its own, plant no session', async () => {
  await stack.master.stop();
  await stack.restartMaster({
    server_tls_crt_fp: join(stack.folder, 'tls', 'tls.crt'),
    server_tls_key_fp: join(stack.folder, 'tls', 'tls.key'),
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await victim(context, master('fleet.test', 'https'));
  const own = (await context.cookies()).filter(({ name }) => name.endsWith('sealcast_session'));
  expect(own).toMatchObject([
    {
      name: '__Host-sealcast_session',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      domain: 'fleet.test',
    },
  ]);
  const token = 'A'.repeat(43);
  other.answer = (_request, response) => {
    const planted = ['__Host-sealcast_session', '__Secure-sealcast_session', 'sealcast_session'].flatMap((name) => [
      `${name}=${token}; Path=/`,
      `${name}=${token}; Path=/; Secure`,
      `${name}=${token}; Path=/api; Domain=fleet.test`,
      `${name}=${token}; Path=/api/session; Domain=fleet.test; Secure`,
    ]);
    response.setHeader('set-cookie', planted).end('planted');
  };
  const evil = await context.newPage();
  for (const host of ['fleet.test', 'evil.fleet.test']) await evil.goto(`http://${host}:${other.port}/`);
  // The attack was carried out: what has no prefix was taken by the browser.
  const planted = (await context.cookies()).filter(({ value }) => value === token);
  expect(planted.map(({ name }) => name)).toContain('sealcast_session');
  expect(planted.filter(({ name }) => name.startsWith('__'))).toEqual([]);
  expect(await page.evaluate(whoAmI)).toBe(200);
  expect(await page.evaluate(`fetch('api/session', { method: 'DELETE' }).then(({ status }) => status)`)).toBe(204);
  expect(await page.evaluate(whoAmI)).toBe(401);
  await context.close();
});
