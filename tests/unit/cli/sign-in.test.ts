// What answers at the URL of a sign-in, and is no master's page.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { sealcast } from '../../stack/command-line.ts';

async function signInAt(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, err } = await sealcast({ HOME: '/nonexistent' }, ['sign-in', `${url}/fleet`]);
  server.close();
  return { code, err: err.replaceAll(url.slice('http:'.length), '//HERE') };
}

test('who sends on to TLS, as nginx does, is to be asked by https', async () => {
  const ended = await signInAt(({ headers, url = '' }, response) => {
    response.writeHead(301, { location: `https://${headers.host}${url}` }).end();
  });
  const sentence = 'what answers at http://HERE/fleet/ wants https://; write https://HERE/fleet/';
  expect(ended).toEqual({ code: 2, err: `sealcast: ${sentence}\n` });
});

test.each([301, 404])('what answers with %d is no master, and nobody types a password for it', async (status) => {
  const ended = await signInAt((_, response) => {
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  const sentence = `what answers at http://HERE/fleet/ is no master's page (status ${status})`;
  expect(ended).toEqual({ code: 3, err: `sealcast: ${sentence}\n` });
});
