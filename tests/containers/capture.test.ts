import { beforeAll, expect, test } from 'vitest';
import type { NodeView } from '@sealcast/master/fleet/views';
import type { Flow } from './capture.ts';
import { listenTo } from './capture.ts';
import { docker } from './docker.ts';
import { Stack } from './stack.ts';

const text = 'Good morning, everyone: what is said here is for members only.';
const readsInTheClear = `(async () => {
  const api = 'http://127.0.0.1:8080/api/';
  const password = require('node:fs').readFileSync('/var/lib/sealcast/keys/admin.password', 'utf8').trim();
  const headers = { 'content-type': 'application/json' };
  const signedIn = await fetch(api + 'session', { method: 'POST', headers, body: JSON.stringify({ name: 'admin', password }) });
  const cookie = signedIn.headers.get('set-cookie').split(';')[0];
  for (const what of ['nodes', 'commands', 'health?the-end-of-it']) await (await fetch(api + what, { headers: { cookie } })).text();
})()`;
const names = ['node-1', 'node-2', 'node-3'];
let stack: Stack;
let nodes: NodeView[];
let outcomes: string[];
let sealed: Flow[];
let plain: Flow[];

// Joins, facts, reports, a broadcast and its receipts, as they go in and out of the master; and beside them what
// the master says of them in the clear, inside its own container, which shows what the searches below would find.
beforeAll(async () => {
  stack = await Stack.start();
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  const client = await stack.client();
  const { mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port } = stack.place.settings;
  const mqPorts = [mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port].map(Number);
  const filter = [...mqPorts, 8080].map((port) => `tcp port ${port}`).join(' or ');
  const stop = await listenTo(stack.container('master'), filter);
  const members = names.map((name) => stack.container(name));
  await docker(['stop', ...members]);
  const gone = Math.max(...(await client.nodes()).map(({ sample }) => sample?.number ?? 0));
  await docker(['start', ...members]);
  nodes = await client.untilNodes(
    (all) =>
      all.filter(({ state, sample }) => state === 'alive' && (sample?.number ?? 0) > gone).length === names.length,
    AbortSignal.timeout(60_000),
  );
  const command = await client.broadcast(text, AbortSignal.timeout(10_000));
  outcomes = command.receipts.map(({ outcome }) => outcome);
  await docker(['exec', stack.container('master'), 'node', '-e', readsInTheClear]);
  const flows = await stop('the-end-of-it');
  const overMq = ({ fromPort, toPort }: Flow): boolean => mqPorts.includes(fromPort) || mqPorts.includes(toPort);
  sealed = flows.filter(overMq);
  plain = flows.filter((flow) => !overMq(flow));
});

const holds = (flows: Flow[], wanted: string | Buffer): boolean => flows.some(({ bytes }) => bytes.includes(wanted));

test('the capture holds every connection between three nodes and their master', () => {
  expect(outcomes).toEqual(['done', 'done', 'done']);
  // ZMTP 3.1: signature, version, mechanism. Three nodes, four ports each, both ways.
  const greeting = Buffer.concat([Buffer.from('ff00000000000000017f0301', 'hex'), Buffer.from('CURVE')]);
  expect(sealed.filter(({ bytes }) => bytes.indexOf(greeting) === 0).length).toBeGreaterThanOrEqual(3 * 4 * 2);
  const total = sealed.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(total).toBeGreaterThan(3 * 1714);
});

test('the text of a broadcast is not in it', () => {
  expect(holds(plain, text)).toBe(true);
  expect(holds(sealed, text)).toBe(false);
});

test.each(names)('the name of %s is not in it', (name) => {
  expect(holds(plain, name)).toBe(true);
  expect(holds(sealed, name)).toBe(false);
});

test('no id of a node is in it, neither as hexadecimal digits nor as bytes', () => {
  for (const { id } of nodes) {
    expect(holds(plain, id)).toBe(true);
    expect(holds(sealed, id)).toBe(false);
    expect(holds(sealed, Buffer.from(id, 'hex'))).toBe(false);
  }
});
