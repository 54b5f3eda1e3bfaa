import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { NodeView, RelayView } from '@sealcast/master/fleet/views';
import { expect, test } from 'vitest';
import type { Admin } from '../stack/admin.ts';
import { masterLine, RelayProcess, tellOf } from '../stack/relay-process.ts';
import { Stack } from '../stack/stack.ts';

const isAnyKeptOut = (nodes: NodeView[]) => nodes.some(({ keptOut }) => keptOut !== null);
const patient = { timeout: 30_000 };

/** A stack whose master asks a list of the operator's. */
async function listed(setting: 'mq_zap_file' | 'mq_zap_command', mode: number, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'sealcast-list-'));
  const path = join(folder, 'list');
  const write = (changed: string) => writeFile(path, changed);
  await write(text);
  await chmod(path, mode);
  const stack = await Stack.start({ invites: 1, master: { report_interval: '1', [setting]: path } });
  return {
    stack,
    write,
    admin: await stack.signIn(),
    [Symbol.asyncDispose]: async () => {
      await stack[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

function keyOf(stack: Stack, name: string): string {
  const { curve } = JSON.parse(readFileSync(join(stack.stateOf(name), 'identity.json'), 'utf8'));
  return Buffer.from(decodeZ85(curve.publicKey)).toString('hex');
}

async function relays(admin: Admin): Promise<RelayView[]> {
  return (await admin.get<{ relays: RelayView[] }>('relays')).relays;
}

test('a node whose key the list does not have is shown as kept out, says so itself, and reports once the list has it', async () => {
  await using place = await listed('mq_zap_file', 0o600, '# nobody yet\n');
  const { stack, admin, write } = place;
  const node = stack.startNode('attic', 1);
  const [kept] = await admin.nodesWhen(isAnyKeptOut);
  const key = keyOf(stack, 'attic');
  expect(kept).toMatchObject({ state: 'away', sample: null, keptOut: { by: 'mq_zap_file', hopKey: key } });
  const told = await node.line(({ level, msg }) => level === 'warn' && msg?.includes('data ports') === true);
  expect(told).toMatchObject({ failure: 'data ports denied' });
  expect(told.msg).toMatch(new RegExp(`does not let this node's CURVE key in .* mq_zap_file .* is ${key}$`));
  const warning = await stack.master.says('kept out of the data ports');
  expect(warning).toMatchObject({ level: 'warn', nodes: [kept?.id], hopKey: key });

  await write(`${key}\n`);
  const [alive] = await admin.nodesWhen((nodes) => nodes.some(({ sample }) => sample !== null), 60_000);
  expect(alive).toMatchObject({ name: 'attic', state: 'alive', keptOut: null });

  await write('# nobody any more\n');
  const [again] = await admin.nodesWhen(isAnyKeptOut);
  expect(again).toMatchObject({ name: 'attic', state: 'away', keptOut: { hopKey: key } });
}, 120_000);

test('a program that says no is named, and a relay that it keeps out is shown and told so', async () => {
  await using place = await listed('mq_zap_command', 0o700, '#!/bin/sh\nexit 1\n');
  const { stack, admin, write } = place;
  await using relay = await RelayProcess.start(await masterLine(admin));
  await tellOf(admin, await relay.line());
  const { key } = await relay.process.says('mq_zap_command');
  await expect
    .poll(async () => (await relays(admin))[0]?.keptOut, patient)
    .toMatchObject({
      by: 'mq_zap_command',
      hopKey: key,
    });
  expect(await relays(admin)).toMatchObject([{ connected: false, since: null }]);
  stack.startNode('attic', 1);
  await admin.nodesWhen(([one]) => one?.keptOut?.by === 'mq_zap_command');

  await write('#!/bin/sh\necho allow\n');
  await relay.process.says('the way up is open');
  await expect.poll(() => relays(admin), patient).toMatchObject([{ connected: true, keptOut: null }]);
}, 120_000);
