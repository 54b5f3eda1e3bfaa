// An invite by the command line, with the line that installs a node, as the page shows it.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import { carriedLine, installLine } from '@sealcast/master/install/install-line';
import { nodeLine } from '@sealcast/master/install/node-line';
import { beforeAll, expect, test } from 'vitest';
import { sealcast, sealcastOnTerminal } from '../stack/command-line.ts';
import { Stack } from '../stack/stack.ts';

const text = '#!/bin/sh\n';
const program = createHash('sha256').update(text).digest('hex');
let stack: Stack;
let folder: string;
let settings: Record<string, string>;
let beside: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-invite-'));
  writeFileSync(join(folder, `${program}.sh`), text);
  settings = { install_dir: folder, server_virtual_host: '/sealcast', mq_public_host: 'master.lan' };
  stack = await Stack.start({ invites: 0, master: settings });
  beside = { ...stack.ports, ...settings, HOME: folder };
  return async () => {
    await stack[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  };
});

interface Made {
  invite: string;
  line: string | null;
}

async function made(env: Record<string, string>, ...options: string[]): Promise<Made> {
  const { code, out, err } = await sealcast(env, ['invite', 'attic', '--json', ...options]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

const service = { program, way: 'service', fetcher: 'curl' } as const;
const guessed = 'https://master.lan:8443/sealcast/install';

test('at a terminal the line stands behind the invite, and the page is taken to be where Compose has it', () => {
  const { code, out } = sealcastOnTerminal(beside, ['invite', 'attic', '--no-qr'], 120);
  expect(code).toBe(0);
  const [invite = ''] = out.split('\n');
  expect(parseInvite(invite).host).toBe('master.lan');
  expect(out).toContain(
    `\n\nRun this on the machine:\n${installLine({ ...service, invite, from: guessed })}\n` +
      'It takes the page to be at https://master.lan:8443/sealcast/; if it is elsewhere, --page says so.\n',
  );
});

test('elsewhere the invite stands alone, as one line', async () => {
  const { out, err } = await sealcast(beside, ['invite', 'attic']);
  expect(parseInvite(out.trim()).host).toBe('master.lan');
  expect(err).not.toContain('sealcast1:');
});

test('JSON holds the line, for where the page is, how the node is to run, and what fetches it', async () => {
  const plain = await made(beside);
  expect(plain.line).toBe(installLine({ ...service, invite: plain.invite, from: guessed }));
  const told = await made(beside, '--page', 'https://fleet.example.org', '--container', '--wget');
  expect(told.line).toBe(
    installLine({
      program,
      invite: told.invite,
      from: 'https://fleet.example.org/install',
      way: 'container',
      fetcher: 'wget',
    }),
  );
  const other = await made(beside, '--host', 'fd00::1');
  expect(other.line).toContain("; u='https://[fd00::1]:8443/sealcast/install'; ");
});

test('who has signed in gets the line for that page', async () => {
  const env = { HOME: folder };
  const password = join(stack.keys, 'admin.password');
  await sealcast(env, ['sign-in', stack.url, '--password-file', password]);
  const { invite, line } = await made(env, '--host', '127.0.0.1');
  expect(line).toBe(installLine({ ...service, invite, from: `${stack.url}/install` }));
  await sealcast(env, ['sign-out']);
});

test('behind a relay the machine takes files that are carried there, unless somebody knows of a page for it', async () => {
  const keys = { curve: new Uint8Array(randomBytes(32)), up: new Uint8Array(randomBytes(32)) };
  const admin = await stack.signIn();
  const relay = formatHop({ host: 'relay.lan', data: [1, 2], join: [3, 4], ...keys });
  await admin.post('relays', { name: 'Harbour', line: relay });
  const through = ['--relay', 'Harbour'];
  const carried = await made(beside, ...through, '--container');
  expect(carried.line).toBe(carriedLine(carried.invite, 'container'));
  const { line, invite } = await made(beside, ...through, '--page', 'https://relay.lan');
  expect(line).toBe(installLine({ ...service, invite, from: 'https://relay.lan/install' }));
  const { out } = sealcastOnTerminal(beside, ['invite', 'crane', '--no-qr', ...through], 120);
  expect(out).toContain(
    'beside the folder that “docker compose cp master:/app/install .” makes where the master is:\n',
  );
});

test('an address that is none is wrong usage, before an invite is made', async () => {
  const { code, err } = await sealcast(beside, ['invite', 'attic', '--page', 'master.lan']);
  expect([code, err]).toEqual([2, 'sealcast: master.lan is no page; write e.g. https://sealcast.lan:8443\n']);
});

test('a master that does not know its name asks for it, by the option and by the setting', async () => {
  await stack.master.stop();
  await stack.restartMaster({ mq_public_host: '', install_dir: join(folder, 'none') });
  const { code, out, err } = await sealcast(beside, ['invite', 'foo']);
  expect([code, out, err]).toEqual([
    2,
    '',
    'sealcast: the invite has to say where nodes reach the master: name it with --host, or set mq_public_host\n',
  ]);
  const { invite, line } = await made(beside, '--host', 'master.lan');
  expect(line).toBe(nodeLine(invite));
});
