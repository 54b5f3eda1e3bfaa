import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { nodeId, nodeView } from './fake-fleet.ts';
import { openEvents } from './open-events.ts';
import { testServer } from './test-server.ts';

const hour = 3_600_000;

async function listening(events: Parameters<typeof testServer>[0] = {}) {
  const server = await testServer(events);
  const port = await server.listen();
  return { server, port, headers: await server.signIn(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('a stream begins with a comment, and goes through proxies as it is', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  expect(await page.next()).toBe(': open');
  expect(page.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(page.response.headers.get('x-accel-buffering')).toBe('no');
  expect(page.response.headers.get('cache-control')).toBe('no-store');
  expect(page.response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('what changes in the fleet comes as events named after it', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  await page.next();
  const node = nodeView({ state: 'away' });
  const command = up.server.fleet.command({
    action: { type: 'interval', seconds: 30 },
    targets: [nodeId],
    expiresInSeconds: 60,
    by: 'admin',
  });
  up.server.fleet.tell({ type: 'node', node });
  const transport = { up: false, since: 7000, restarts: 3 };
  up.server.fleet.tell({ type: 'command', command });
  up.server.fleet.tell({ type: 'removed', id: nodeId });
  up.server.fleet.tell({ type: 'transport', transport });
  expect(await page.event()).toEqual({ name: 'node', data: node });
  expect(await page.event()).toEqual({ name: 'command', data: command });
  expect(await page.event()).toEqual({ name: 'removed', data: { id: nodeId } });
  expect(await page.event()).toEqual({ name: 'transport', data: transport });
});

test('every page that is open hears of it', async () => {
  await using up = await listening();
  using first = await openEvents(up.port, up.headers);
  using second = await openEvents(up.port, up.headers);
  await Promise.all([first.next(), second.next()]);
  up.server.fleet.tell({ type: 'node', node: nodeView() });
  expect(await first.event()).toEqual(await second.event());
});

test('of a burst about one node only the last is sent', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  await page.next();
  for (let lastSeen = 1; lastSeen <= 100; lastSeen += 1)
    up.server.fleet.tell({ type: 'node', node: nodeView({ lastSeen }) });
  up.server.fleet.tell({ type: 'node', node: nodeView({ id: 'b'.repeat(32) }) });
  expect(await page.event()).toMatchObject({ data: { lastSeen: 100 } });
  expect(await page.event()).toMatchObject({ data: { id: 'b'.repeat(32) } });
});

test('line ends in a name end no event', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  await page.next();
  const name = 'pi\n\nevent: command\ndata: {}\n\n\u2028\r';
  up.server.fleet.tell({ type: 'node', node: nodeView({ name }) });
  expect(await page.event()).toMatchObject({ name: 'node', data: { name } });
});

test('comments come while nothing happens', async () => {
  await using up = await listening({ events: { commentMs: 5 } });
  using page = await openEvents(up.port, up.headers);
  expect([await page.next(), await page.next(), await page.next()]).toEqual([': open', ':', ':']);
});

test('an open page keeps its session', async () => {
  await using up = await listening({ events: { commentMs: 5 } });
  using page = await openEvents(up.port, up.headers);
  for (let times = 0; times < 3; times += 1) {
    up.server.clock.ms += 11 * hour;
    up.server.fleet.tell({ type: 'node', node: nodeView() });
    await page.event();
    // The session is looked at before each comment, and this one comes after the event.
    expect(await page.next()).toBe(':');
  }
  expect((await up.server.app.inject({ url: '/api/session', headers: up.headers })).statusCode).toBe(200);
});

test('a stream ends when its session does', async () => {
  await using up = await listening({ events: { commentMs: 5 } });
  using page = await openEvents(up.port, up.headers);
  await page.next();
  up.server.clock.ms += 30 * 24 * hour;
  await page.ended();
  expect((await up.server.app.inject({ url: '/api/session', headers: up.headers })).statusCode).toBe(401);
});

test('a stream ends when its session is taken out of the store', async () => {
  await using up = await listening({ events: { commentMs: 5 } });
  using page = await openEvents(up.port, up.headers);
  await page.next();
  up.server.store.webSessions.trim('admin', 0);
  expect(await page.ended()).toBe(true);
});

test('signing out ends the streams of that session alone', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  using other = await openEvents(up.port, await up.server.signIn());
  await Promise.all([page.next(), other.next()]);
  await up.server.app.inject({ method: 'DELETE', url: '/api/session', headers: up.headers });
  await page.ended();
  up.server.fleet.tell({ type: 'node', node: nodeView() });
  expect(await other.event()).toMatchObject({ name: 'node' });
});

test('signing in anew ends the streams of the session before', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  await up.server.post('/api/session', { name: 'admin', password: 'correct horse' }, up.headers);
  expect(await page.ended()).toBe(true);
});

test('a session has a bounded number of streams', async () => {
  await using up = await listening({ events: { streamsPerSession: 1 } });
  using page = await openEvents(up.port, up.headers);
  await page.next();
  const second = await up.server.app.inject({ url: '/api/events', headers: up.headers });
  expect(second.statusCode).toBe(429);
  using other = await openEvents(up.port, await up.server.signIn());
  expect(await other.next()).toBe(': open');
});

test('nobody listens to the fleet once the last page has gone', async () => {
  await using up = await listening();
  const page = await openEvents(up.port, up.headers);
  await page.next();
  expect(up.server.fleet.listeners).toBe(1);
  const gone = up.server.fleet.unlistened();
  page[Symbol.dispose]();
  await gone;
  expect(up.server.fleet.listeners).toBe(0);
});

test('a server that stops ends its streams, and waits for none', async () => {
  await using up = await listening();
  using page = await openEvents(up.port, up.headers);
  await page.next();
  await up.server.app.close();
  expect(await page.ended()).toBe(true);
});

test('a reader that does not read is dropped, and the others go on', async () => {
  await using up = await listening({ events: { gatherMs: 0, bufferMax: 2 ** 16 } });
  const accepted = once(up.server.app.server, 'connection') as Promise<[Socket]>;
  await using slow = connect(up.port, '127.0.0.1');
  slow.pause();
  slow.write(`GET /api/events HTTP/1.1\r\nhost: localhost\r\ncookie: ${up.headers.cookie}\r\n\r\n`);
  const [socket] = await accepted;
  using page = await openEvents(up.port, up.headers);
  await page.next();
  const node = nodeView({ name: 'x'.repeat(2 ** 18) });
  while (!socket.destroyed) {
    up.server.fleet.tell({ type: 'node', node });
    expect(await page.event()).toMatchObject({ name: 'node' });
  }
  up.server.fleet.tell({ type: 'node', node: nodeView() });
  expect(await page.event()).toMatchObject({ data: { name: 'pi' } });
});
