import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { httpErrors } from '../../services/master/src/http/errors.ts';
import { enrolled } from '../unit/master/store/scratch-store.ts';
import { testServer } from '../unit/master/http/test-server.ts';
import { fuzz, type Target } from './fuzz.ts';
import { carryOut, type Plan, plans } from './mutation.ts';

/** Stands in what is hostile; a refusal that holds it echoes the input. */
const marker = 'zq7marker';
const id = 'a'.repeat(32);
const hash = 'e'.repeat(64);
const methods = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'] as const;

const routes = [
  ['GET', '/api/health'],
  ['POST', '/api/session'],
  ['GET', '/api/session'],
  ['DELETE', '/api/session'],
  ['GET', '/api/nodes'],
  ['GET', `/api/nodes/${id}/history`],
  ['GET', `/api/nodes/${id}/history?minutes=60`],
  ['PUT', `/api/nodes/${id}/name`],
  ['GET', '/api/commands'],
  ['POST', '/api/commands'],
  ['GET', '/api/invites'],
  ['POST', '/api/invites'],
  ['DELETE', `/api/invites/${hash}`],
  ['GET', '/api/refusals'],
  ['GET', '/api/events'],
  ['GET', '/'],
  ['GET', '/theme.js'],
  ['GET', '/assets/index-abc123.js'],
] as const;

const bodies: unknown[] = [
  { name: 'admin', password: 'wrong' },
  { action: { type: 'text', text: 'hello' }, targets: 'everyone' },
  { action: { type: 'interval', seconds: 10 }, targets: [id], expiresInSeconds: 60 },
  { name: 'the loft' },
  { label: 'node-1', host: 'master.lan', hours: 1 },
];

const oddSegments = [
  '..',
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '.secret',
  '%00',
  '%',
  '%zz',
  '%c0%ae',
  '\\..\\',
  marker,
  `${marker}'"<script>`,
  'a'.repeat(5000),
  '__proto__',
  'constructor',
  hash,
  id,
  'ä'.repeat(30),
];

const oddValues: unknown[] = [
  null,
  true,
  -1,
  1e308,
  1.5,
  '',
  marker,
  'x'.repeat(5000),
  '\u0000',
  '\ud800',
  [],
  {},
  [marker],
  { [marker]: 1 },
  ['everyone'],
  [id, id],
  { type: 'text' },
  { type: marker, text: marker },
];

const cookies = ['sealcast_session', '__Host-sealcast_session'].flatMap((name) => [
  `${name}=${marker}`,
  `${name}=${'A'.repeat(43)}`,
  `${name}=a; ${name}=b; ${'c=d; '.repeat(200)}`,
]);

const oddHeaders = fc.oneof(
  fc.constantFrom(
    marker,
    '',
    '127.0.0.1',
    '::1',
    '::ffff:1.2.3.4%eth0',
    '1.2.3.4, 5.6.7.8',
    `${marker}, 10.0.0.1`,
    ',,,,',
    'unknown',
    'https',
    'https://evil.example',
    'null',
    'same-origin',
    'cross-site',
    'localhost:80',
    'a'.repeat(4000),
    `${'1.2.3.4,'.repeat(500)}9.9.9.9`,
    ...cookies,
    'application/json',
    'application/json; charset=utf-16',
    'text/plain',
    'multipart/form-data; boundary=x',
    `application/${marker}`,
    'gzip',
  ),
  // What Node's HTTP parser lets through in a header.
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 60 }),
);
const headerNames = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'forwarded',
  'x-real-ip',
  'host',
  'origin',
  'referer',
  'sec-fetch-site',
  'content-type',
  'content-encoding',
  'accept',
  'range',
  'if-none-match',
  'if-modified-since',
  'x-http-method-override',
  'cookie',
  'authorization',
  'accept-version',
] as const;

interface Hostile {
  route: number;
  method: (typeof methods)[number] | undefined;
  path: { at: number; segment: string }[];
  query: string;
  body: { of: number; key: number; value: unknown } | { plan: Plan } | { raw: string } | undefined;
  headers: [(typeof headerNames)[number], string][];
}

const rare = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, arbitrary);

const requests: fc.Arbitrary<Hostile> = fc.record({
  route: fc.nat(routes.length - 1),
  method: rare(fc.constantFrom(...methods)),
  path: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Hostile['path']>([]) },
    fc.array(fc.record({ at: fc.nat(5), segment: fc.oneof(fc.constantFrom(...oddSegments), fc.webPath()) }), {
      maxLength: 2,
    }),
  ),
  query: fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    fc.constantFrom(
      '?',
      '?minutes=0',
      '?minutes=99999999',
      `?${marker}=${marker}`,
      '?minutes=1&minutes=2',
      '?__proto__[x]=1',
    ),
    fc.webQueryParameters().map((query) => `?${query}`),
  ),
  body: rare(
    fc.oneof(
      fc.record({
        of: fc.nat(bodies.length - 1),
        key: fc.nat(5),
        value: fc.oneof(fc.constantFrom(...oddValues), fc.jsonValue()),
      }),
      fc.record({ plan: plans }),
      fc.record({
        raw: fc.oneof(
          fc.constantFrom(
            '',
            '{',
            '[]',
            'null',
            '"x"',
            '['.repeat(20_000),
            '{"a":'.repeat(10_000),
            '{"__proto__":{"name":"admin"}}',
            'x'.repeat(70_000),
          ),
          fc.json(),
        ),
      }),
    ),
  ),
  headers: fc.array(fc.tuple(fc.constantFrom(...headerNames), oddHeaders), { maxLength: 3 }),
});

function toInject({ route, method, path, query, body, headers }: Hostile, cookie: string | undefined) {
  const [routeMethod, routePath] = routes[route]!;
  const segments = routePath.split('/');
  for (const { at, segment } of path) segments[1 + (at % segments.length)] = segment;
  const url = `/${segments.join('/').replace(/^\/+/, '')}${query}`;
  const payload = payloadOf(body);
  return {
    method: method ?? routeMethod,
    url,
    headers: {
      ...(cookie !== undefined && { cookie }),
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...Object.fromEntries(headers),
    },
    ...(payload !== undefined && { payload }),
    payloadAsStream: true as const,
  };
}

function payloadOf(body: Hostile['body']): Buffer | undefined {
  if (body === undefined) return undefined;
  if ('raw' in body) return Buffer.from(body.raw);
  if ('plan' in body)
    return carryOut(
      body.plan,
      bodies.map((one) => Buffer.from(JSON.stringify(one))),
    );
  const honest = bodies[body.of] as Record<string, unknown>;
  const keys = [...Object.keys(honest), marker];
  return Buffer.from(JSON.stringify({ ...honest, [keys[body.key % keys.length]!]: body.value }));
}

const sentences: ReadonlySet<string> = new Set(Object.values(httpErrors).map(({ sentence }) => sentence));
const parts = ['name', 'password', 'action', 'targets', 'expiresInSeconds', 'label', 'host', 'hours', 'minutes', 'id'];

/** What is said of a request that is refused: a sentence of the list, or which part of the schema is wrong. */
function checkRefusal(body: string): void {
  const said: unknown = JSON.parse(body);
  assert.ok(typeof said === 'object' && said !== null && 'error' in said);
  assert.deepEqual(Object.keys(said), ['error']);
  const part = /^The request is wrong at "(.*)"\.$/.exec(String(said.error))?.[1];
  assert.ok(part === undefined ? sentences.has(String(said.error)) : parts.includes(part), body);
}

const tries: fc.Arbitrary<Hostile> = fc.record({
  route: fc.constant(routes.findIndex(([method, path]) => method === 'POST' && path === '/api/session')),
  method: fc.constant(undefined),
  path: fc.constant([]),
  query: fc.constant(''),
  body: fc.constant({ of: 0, key: 1, value: 'wrong' }),
  headers: oddHeaders.map((value): Hostile['headers'] => [['x-forwarded-for', value]]),
});

async function hostileServer(over: Parameters<typeof testServer>[0], signedIn: boolean) {
  const server = await testServer(over);
  enrolled(server.store, 'a');
  server.store.invites.add({ hash, label: 'x', created: 1, expires: 2_000_000_000 });
  const { cookie } = await server.signIn();
  const state = () =>
    JSON.stringify([server.fleet.orders, server.store.invites.list(), server.store.admins.find('admin')]);
  return {
    // Behind a proxy, whoever tries to sign in is told apart by what it says of the address.
    inputs: over?.proxies === undefined ? requests : fc.oneof(requests, tries),
    async take(request: Hostile) {
      server.clock.ms += 1000;
      // Signed in, each starts with a session that stands.
      const own = signedIn
        ? (await isSignedIn(server.app, cookie))
          ? cookie
          : (await signInAgain(server)).cookie
        : undefined;
      const before = state();
      const answer = await server.app.inject(toInject(request, own));
      const { statusCode } = answer;
      if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
        answer.stream().destroy();
        return 'events';
      }
      const body = await text(answer.stream());
      assert.ok(statusCode < 500, `${statusCode} ${body}`);
      if (statusCode < 400) return String(statusCode);
      if (request.method !== 'HEAD') checkRefusal(body);
      assert.ok(!JSON.stringify(answer.headers).includes(marker), 'a header echoes the input');
      assert.equal(state(), before);
      return String(statusCode);
    },
    async after() {
      const { cookie: fresh } = await signInAgain(server);
      assert.ok(await isSignedIn(server.app, fresh));
      const faults = server.lines.filter((line) => /"level":"(error|fatal)"/.test(line));
      assert.deepEqual(faults, []);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function isSignedIn(app: Awaited<ReturnType<typeof testServer>>['app'], cookie: string): Promise<boolean> {
  return (await app.inject({ url: '/api/session', headers: { cookie } })).statusCode === 200;
}

/** After the waits that wrong tries have brought. */
async function signInAgain(server: Awaited<ReturnType<typeof testServer>>) {
  server.clock.ms += 7_200_000;
  return server.signIn();
}

function fuzzServer(target: Target, signedIn: boolean, over: Parameters<typeof testServer>[0] = {}) {
  return fuzz(target, () => hostileServer(over, signedIn));
}

it('any request of somebody signed in is answered as the API says or refused, echoing nothing and changing nothing', async () => {
  const outcomes = await fuzzServer('HTTP signed in', true);
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['200', '400', '404']));
});

it('any request of somebody signed out is refused, echoing nothing and changing nothing', async () => {
  const outcomes = await fuzzServer('HTTP signed out', false);
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['401', '404']));
});

it('any request behind a proxy is answered as the API says or refused, whatever X-Forwarded headers say', async () => {
  const outcomes = await fuzzServer('HTTP behind a proxy', true, { proxies: { isProxy: () => true }, basePath: '' });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['200', '400', '404']));
});
