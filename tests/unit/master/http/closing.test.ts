import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { makeAuthorityCertificate } from '@sealcast/init/certificate';
import { openEvents } from './open-events.ts';
import { testServer } from './test-server.ts';

/** Whoever is still connected would hold it up: the test's own time limit is what fails then. */
async function closes(server: Awaited<ReturnType<typeof testServer>>, ...sockets: Socket[]): Promise<void> {
  const closed = sockets.map((socket) => once(socket, 'close'));
  await server.app.close();
  await Promise.all(closed);
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('closing waits for nobody who says nothing, half of something, or reads nothing', async () => {
  await using server = await testServer();
  const port = await server.listen();
  const { cookie } = await server.signIn();
  const silent = await connected(port);
  const half = await connected(port);
  half.write('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
  const deaf = await connected(port);
  deaf.pause();
  deaf.write(`GET /api/events HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`);
  using page = await openEvents(port, { cookie });
  await page.next();
  silent.resume();
  half.resume();
  const ended = page.ended();
  deaf.resume();
  await closes(server, silent, half, deaf);
  expect(await ended).toBe(true);
});

test('closing waits for no TLS handshake that never ends', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = await makeAuthorityCertificate(privateKey, new Date());
  const tls = { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
  await using server = await testServer({ tls });
  const socket = await connected(await server.listen());
  socket.resume();
  await closes(server, socket);
  expect(socket.destroyed).toBe(true);
});
