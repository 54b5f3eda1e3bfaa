import { once } from 'node:events';
import { connect } from 'node:net';
import { parseInvite } from '@sealcast/channel/invite';
import { encodeZ85 } from '@sealcast/channel/z85';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { curveKeyPair, Push } from 'zeromq';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 1 }), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function security(options: Parameters<typeof Visit.open>[2] = {}): Promise<Visit> {
  const visit = await Visit.open(browser, stack, options);
  await visit.signIn(stack);
  await visit.goTo('Security');
  return visit;
}

/** A browser that is told of the wrong port. */
async function speakHttp(): Promise<void> {
  const socket = connect(Number(stack.ports['mq_join_sub_port']), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end('GET / HTTP/1.1\r\nhost: sealcast.example.org\r\nuser-agent: not a node\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
}

/** Whoever holds an invite can say something at the door for joining. */
async function sendFrame(frame: Uint8Array): Promise<void> {
  const { curve } = parseInvite(await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8'));
  const { publicKey, secretKey } = curveKeyPair();
  const socket = new Push({ curveServerKey: encodeZ85(curve), curvePublicKey: publicKey, curveSecretKey: secretKey });
  socket.connect(`tcp://127.0.0.1:${stack.ports['mq_join_sub_port']}`);
  await socket.send(frame);
  socket.linger = 2000;
  socket.close();
}

test('what was refused and cut is told by reason, what suggests an attack apart, and the counts move', async () => {
  await using visit = await security();
  await visit.page.getByText('Nothing refused').first().waitFor();
  const calm = visit.page.getByText('Nothing that suggests an attack.');
  expect(await visit.page.getByText('cut.protocol').count()).toBe(0);

  await speakHttp();
  const usual = visit.page.getByRole('region', { name: 'These happen in a healthy fleet' });
  const scan = usual.getByRole('listitem').filter({ hasText: 'cut.protocol' });
  await scan.waitFor();
  expect(await scan.innerText()).toMatch(/1\s+connection[^s][^]*What came is not ZeroMQ/);
  await calm.waitFor();

  await sendFrame(Buffer.alloc(10));
  const suspect = visit.page.getByRole('region', { name: 'These suggest an attack' });
  const row = suspect.getByRole('listitem').filter({ hasText: 'frame.length' });
  await row.getByText('A frame of a length that no message has').waitFor();
  expect(await row.innerText()).toMatch(/1\s+frame[^s]/);
  expect(await calm.count()).toBe(0);
  await sendFrame(Buffer.alloc(11));
  await row.getByText(/^2\s+frames/).waitFor();
  await row.getByTitle('Since this page was opened').getByText('+2').waitFor();

  await visit.goTo('Fleet');
  await visit.page.getByRole('link', { name: /^2\sframes refused and \d+\sconnections? cut$/ }).click();
  expect(await visit.sees(row)).toBe(true);
});

test('on a phone the reasons are not wider than the screen', async () => {
  await speakHttp();
  await using visit = await security({ viewport: phone, hasTouch: true });
  await visit.page.getByText('cut.protocol').waitFor();
  expect(await visit.overhang()).toBe(0);
});
