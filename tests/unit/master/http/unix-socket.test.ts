import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { socketIsProxy } from '../../../../services/master/src/http/proxies.ts';
import { unixSocket } from '../../../../services/master/src/http/unix-socket.ts';
import { testServer } from './test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealcast-socket-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A server that listens at a socket, and at a port of 127.0.0.1. */
async function socketServer(name: string) {
  const path = join(folder, name);
  const server = await testServer({ proxies: { isProxy: socketIsProxy } });
  const listen = unixSocket(server.app, path, 1000);
  const port = await server.listen();
  await listen();
  return { ...server, path, port, [Symbol.asyncDispose]: server[Symbol.asyncDispose].bind(server) };
}

async function ask(where: { socketPath: string } | { port: number }, headers: Record<string, string> = {}) {
  const asked = request({ ...where, path: '/api/session', method: 'POST', agent: false, headers });
  asked.setHeader('content-type', 'application/json');
  asked.end(JSON.stringify({ name: `nobody ${Math.random()}`, password: 'wrong' }));
  const [response] = await once(asked, 'response');
  return [response.statusCode, await text(response)] as const;
}

test('the file is for its owner alone, and gone when the server is', async () => {
  const path = join(folder, 'a.sock');
  {
    await using server = await socketServer('a.sock');
    expect((statSync(server.path).mode & 0o777).toString(8)).toBe('600');
  }
  expect(existsSync(path)).toBe(false);
});

test('who speaks through it is whom the proxy says; at the port the same header says nothing', async () => {
  await using server = await socketServer('b.sock');
  const statuses = { socket: [] as number[], port: [] as number[] };
  for (let tries = 0; tries < 6; tries += 1) {
    const headers = { 'x-forwarded-for': `198.51.100.${tries}` };
    statuses.socket.push((await ask({ socketPath: server.path }, headers))[0]);
    statuses.port.push((await ask({ port: server.port }, headers))[0]);
  }
  expect(statuses).toEqual({ socket: [401, 401, 401, 401, 401, 401], port: [401, 401, 401, 401, 401, 429] });
});

test('a proxy that does not say whom a request is from is refused', async () => {
  await using server = await socketServer('c.sock');
  const [status, body] = await ask({ socketPath: server.path });
  expect([status, body]).toEqual([400, '{"error":"The proxy does not say whom the request is from."}']);
});

test('what a master that was killed has left behind is taken away', async () => {
  const path = join(folder, 'd.sock');
  const dead = createServer().listen(path);
  await once(dead, 'listening');
  // Its name stays when the process is killed; here it is given a second one.
  linkSync(path, `${path}.kept`);
  dead.close();
  await once(dead, 'close');
  renameSync(`${path}.kept`, path);
  await using server = await socketServer('d.sock');
  expect((await ask({ socketPath: server.path }, { 'x-forwarded-for': '192.0.2.1' }))[0]).toBe(401);
});

test('another master, or a file, is left alone', async () => {
  await using first = await socketServer('e.sock');
  await using second = await testServer();
  await expect(unixSocket(second.app, first.path, 1000)()).rejects.toThrow('another master does');
  expect((await ask({ socketPath: first.path }, { 'x-forwarded-for': '192.0.2.1' }))[0]).toBe(401);
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  await using third = await testServer();
  await expect(unixSocket(third.app, file, 1000)()).rejects.toThrow('something else is');
});
