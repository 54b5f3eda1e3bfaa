// Strangers who want nobody to install anything, by real sockets.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { downloadPace } from '../../../../services/master/src/http/download-pace.ts';
import type { ServerOptions } from '../../../../services/master/src/http/server.ts';
import { findInstall } from '../../../../services/master/src/install-folder.ts';
import { testServer } from './test-server.ts';

const text = '#!/bin/sh\n';
const program = `${createHash('sha256').update(text).digest('hex')}.sh`;
const archive = `${'a'.repeat(64)}.tar.gz`;
/** Far more than the system takes for who does not read. */
const archiveBytes = 64 * 1_048_576;

/** A server behind a proxy, which is the test. */
async function behindProxy(over: Partial<ServerOptions> = {}) {
  const plain = await testServer();
  const path = join(plain.folder, 'install');
  mkdirSync(path);
  writeFileSync(join(path, program), text);
  writeFileSync(join(path, archive), '');
  truncateSync(join(path, archive), archiveBytes);
  const server = await testServer({ install: findInstall(path), proxies: { isProxy: () => true }, ...over });
  const port = await server.listen();
  const strangers = new Set<Socket>();
  return {
    connections: async () =>
      await new Promise<number>((settle) => server.app.server.getConnections((_, n) => settle(n))),
    /** One that asks for files, for `address`, and reads nothing. */
    async stranger(address: string, ...files: string[]): Promise<Socket> {
      const socket = connect(port, '127.0.0.1');
      strangers.add(socket);
      await once(socket, 'connect');
      socket.on('error', () => {}).pause();
      socket.write(files.map((file) => request(file, address)).join(''));
      return socket;
    },
    fetch: async (file: string, address: string) =>
      await fetch(`http://127.0.0.1:${port}/install/${file}`, { headers: { 'x-forwarded-for': address } }),
    async [Symbol.asyncDispose]() {
      for (const socket of strangers) socket.destroy();
      await server[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
    },
  };
}

function request(file: string, address: string): string {
  return `GET /install/${file} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${address}\r\n\r\n`;
}

/** Time stands still until it is moved, for the server's pace. */
function stillTime(): Disposable {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  return { [Symbol.dispose]: () => vi.useRealTimers() };
}

/** How many bytes come until the other end closes. */
async function rest(socket: Socket): Promise<number> {
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
  if (!socket.closed) await once(socket, 'close');
  return bytes;
}

test('who leaves while it is found out for whom it asks takes no place', async () => {
  const known = Promise.withResolvers<void>();
  let asked = 0;
  const refresh = async () => {
    asked += 1;
    if (asked <= 64) await known.promise;
  };
  await using server = await behindProxy({ proxies: { isProxy: () => true, refresh } });
  const crowd = [];
  for (let n = 0; n < 64; n++) crowd.push(await server.stranger('198.51.100.1', program));
  await vi.waitFor(() => expect(asked).toBe(64));
  for (const socket of crowd) socket.destroy();
  await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  known.resolve();
  const answer = await server.fetch(program, '198.51.100.1');
  expect([answer.status, await answer.text()]).toEqual([200, text]);
});

test('what is asked for behind something else takes no place, whenever who asks for it leaves', async () => {
  await using server = await behindProxy();
  const queue = Array.from({ length: 40 }, () => archive);
  const socket = await server.stranger('198.51.100.1', ...queue);
  // The first answer is under way.
  await once(socket, 'readable');
  socket.destroy();
  await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  const answers = await Promise.all(Array.from({ length: 16 }, () => server.fetch(program, '198.51.100.1')));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
});

test('slow readers of a few addresses make room for who comes from elsewhere', async () => {
  await using server = await behindProxy();
  const crowd = [];
  for (let n = 0; n < 64; n++) {
    const socket = await server.stranger(`198.51.100.${n % 4}`, archive);
    await once(socket, 'readable');
    crowd.push(socket);
  }
  const answer = await server.fetch(program, '203.0.113.9');
  expect([answer.status, await answer.text()]).toEqual([200, text]);
  const [oldest] = crowd;
  if (oldest === undefined) throw new Error('nobody came');
  expect(await rest(oldest)).toBeLessThan(archiveBytes);
});

test('who takes nothing is cut off, and its address has a place again', async () => {
  using _ = stillTime();
  await using server = await behindProxy();
  const crowd = [];
  for (let n = 0; n < 16; n++) crowd.push(await server.stranger('198.51.100.1', archive));
  expect((await server.fetch(program, '198.51.100.1')).status).toBe(429);
  await vi.waitFor(async () => {
    vi.advanceTimersByTime(downloadPace.everyMs);
    // One is that of who just had to wait.
    expect(await server.connections()).toBe(1);
  });
  for (const bytes of await Promise.all(crowd.map(rest))) expect(bytes).toBeLessThan(archiveBytes);
  expect((await server.fetch(program, '198.51.100.1')).status).toBe(200);
});

test('who takes all of it in its time gets all of it', async () => {
  await using server = await behindProxy();
  const answer = await server.fetch(archive, '198.51.100.1');
  expect((await answer.arrayBuffer()).byteLength).toBe(archiveBytes);
});
