// Real processes that are asked to stop with everything under way that could hold them up.
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Admin } from '../stack/admin.ts';
import { inviteThrough, masterLine, RelayProcess, tellOf } from '../stack/relay-process.ts';
import type { ServiceProcess } from '../stack/service-process.ts';
import { Stack } from '../stack/stack.ts';

const promisedMs = 5000;
const pages = 400;
const pagesPerSession = 16;

/** Asks to stop; gives the exit code, and whether it came in time. */
async function stopped(service: ServiceProcess): Promise<{ code: number | null; inTime: boolean }> {
  const askedAt = performance.now();
  const code = await service.stop();
  return { code, inTime: performance.now() - askedAt < promisedMs };
}

const well = { code: 0, inTime: true };

/** What has ended, and nobody has asked how, is there as a zombie. */
function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function writtenPid(file: string): Promise<number> {
  await expect
    .poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { timeout: 30_000 })
    .toBe(true);
  return Number(readFileSync(file, 'utf8'));
}

async function connected(stack: Stack): Promise<Socket> {
  const socket = connect(Number(stack.ports['server_port']), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** A page that listens to events. */
async function listening(stack: Stack, admin: Admin): Promise<Socket> {
  const socket = await connected(stack);
  socket.write(`GET /api/events HTTP/1.1\r\nHost: x\r\n${admin.cookieHeader}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

/** For mq_zap_command: writes its process id to `asked`, and never answers. */
function hangingCommand(folder: string): { asked: string; program: string } {
  const asked = join(folder, 'asked');
  const program = join(folder, 'may-connect');
  writeFileSync(program, `#!/bin/sh\necho $$ >${asked}\nexec sleep 600\n`, { mode: 0o755 });
  return { asked, program };
}

/** Whether the stream of a page came to its own end, and was not just cut off. */
async function endsWell(page: Socket): Promise<boolean> {
  let last = '';
  page.on('data', (bytes) => (last = bytes.toString('latin1').slice(-5)));
  await once(page, 'end');
  return last === '0\r\n\r\n';
}

/** A program that is asked to end and does not, and whose process id stands in `file`. */
function stubborn(file: string): { type: 'run'; program: string; arguments: string[]; seconds: number } {
  const script = `trap 'echo >>${file}.asked' TERM; echo $$ >${file}; while :; do sleep 0.1; done`;
  return { type: 'run', program: '/bin/sh', arguments: ['-c', script], seconds: 60 };
}

test('a master stops in time, with 400 pages that listen, a ZAP command that hangs, and clients that are slow', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'sealcast-stop-'));
  const { asked, program } = hangingCommand(scratch.path);
  await using stack = await Stack.start({ invites: 1, master: { mq_zap_command: program } });
  rmSync(asked);
  stack.startNode('one', 1);
  const sockets: Socket[] = [];
  for (let session = 0; session < pages / pagesPerSession; session += 1) {
    const admin = await stack.signIn();
    sockets.push(...(await Promise.all(Array.from({ length: pagesPerSession }, () => listening(stack, admin)))));
  }
  expect(sockets).toHaveLength(pages);
  const ended = sockets.map(endsWell);
  const deaf = (await listening(stack, await stack.signIn())).pause();
  const half = (await connected(stack)).resume();
  half.write('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n');
  const silent = (await connected(stack)).resume();
  await writtenPid(asked);
  expect(await stopped(stack.master)).toEqual(well);
  expect((await Promise.all(ended)).filter((isWell) => !isWell)).toEqual([]);
  for (const socket of [deaf, half, silent]) socket.destroy();
});

test('a ZAP command that hangs ends with its master', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'sealcast-stop-'));
  const { asked, program } = hangingCommand(scratch.path);
  await using stack = await Stack.start({ invites: 1, master: { mq_zap_command: program } });
  // The master's own try at its door, at its start, has been given up by now.
  rmSync(asked);
  stack.startNode('one', 1);
  const hung = await writtenPid(asked);
  expect(await stopped(stack.master)).toEqual(well);
  expect(runs(hung)).toBe(false);
});

test('a node stops in time, ends the program that it runs, and tells its master of both', async () => {
  await using stack = await Stack.start({ invites: 1 });
  const file = join(stack.folder, 'program');
  writeFileSync(join(stack.folder, 'policy'), 'level admin\n', { mode: 0o644 });
  const node = stack.startNode('one', 1, { policy_file: join(stack.folder, 'policy') });
  const admin = await stack.signIn();
  const [one] = await admin.nodesWhen((nodes) => nodes[0]?.state === 'alive');
  await admin.post('commands', { action: stubborn(file), targets: [one!.id] });
  const pid = await writtenPid(file);
  expect(await stopped(node)).toEqual(well);
  expect(runs(pid)).toBe(false);
  const [command] = await admin.commands();
  expect(command?.receipts).toMatchObject([{ outcome: 'failed', detail: 'the node was stopped' }]);
  expect(await admin.nodes()).toMatchObject([{ state: 'away' }]);
});

test('a node whose master hangs stops in time', async () => {
  await using stack = await Stack.start({ invites: 1 });
  const node = stack.startNode('one', 1);
  await node.says('joined the master');
  process.kill(stack.master.pid, 'SIGSTOP');
  expect(await stopped(node)).toEqual(well);
});

test('a relay stops in time, with its master gone and a node below it', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  const known = await tellOf(admin, await relay.line());
  const far = stack.startNode('far', 1, { mq_invite_code: await inviteThrough(admin, known) });
  await far.says('joined the master');
  await stack.master.stop('SIGKILL');
  expect(await stopped(relay.process)).toEqual(well);
});

test('a second signal ends a master at once', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const page = (await listening(stack, await stack.signIn())).resume();
  const half = (await connected(stack)).resume();
  half.write('POST /api/session HTTP/1.1\r\n');
  // Reset is cut, too.
  half.on('error', () => undefined);
  const cut = new Promise((resolve) => half.once('close', resolve));
  const left = stack.master.stop();
  await once(page, 'end');
  expect(await stack.master.stop('SIGINT')).toBe(1);
  expect(await left).toBe(1);
  expect(stack.master.text).toContain('second SIGINT, exiting');
  await cut;
});

test('a second signal ends a node at once, and the program that it runs', async () => {
  await using stack = await Stack.start({ invites: 1 });
  const file = join(stack.folder, 'program');
  writeFileSync(join(stack.folder, 'policy'), 'level admin\n', { mode: 0o644 });
  const node = stack.startNode('one', 1, { policy_file: join(stack.folder, 'policy') });
  const admin = await stack.signIn();
  const [one] = await admin.nodesWhen((nodes) => nodes[0]?.state === 'alive');
  await admin.post('commands', { action: stubborn(file), targets: [one!.id] });
  const pid = await writtenPid(file);
  const left = node.stop();
  await expect.poll(() => existsSync(`${file}.asked`), { interval: 20, timeout: 30_000 }).toBe(true);
  expect(await node.stop('SIGINT')).toBe(1);
  expect(await left).toBe(1);
  await expect.poll(() => runs(pid)).toBe(false);
});
