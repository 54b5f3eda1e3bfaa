// The command line at a master with two nodes: one that lets everything be done, one that lets itself be watched.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stripVTControlCharacters } from 'node:util';
import { parseInvite } from '@sealcast/channel/invite';
import type { NodeView } from '@sealcast/master/fleet/views';
import { beforeAll, describe, expect, test } from 'vitest';
import { RunningCommand, sealcast, sealcastAsking, sealcastOnTerminal } from '../stack/command-line.ts';
import { Stack } from '../stack/stack.ts';

const escape = '\u001b[';

let stack: Stack;
/** Where nothing is kept yet. */
let home: string;
/** Beside the master, as its own user. */
let beside: Record<string, string>;

beforeAll(async () => {
  stack = await Stack.start({ invites: 2, master: { report_interval: '1' } });
  home = mkdtempSync(join(tmpdir(), 'sealcast-home-'));
  beside = { ...stack.ports, HOME: home };
  const policy = join(stack.folder, 'policy');
  writeFileSync(policy, 'level admin\n', { mode: 0o600 });
  const admin = await stack.signIn();
  stack.startNode('attic', 1);
  stack.startNode('barn', 2, { policy_file: policy });
  await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => sample !== null).length === 2);
  return async () => {
    await stack[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  };
});

const passwordFile = () => join(stack.keys, 'admin.password');
const password = () => readFileSync(passwordFile(), 'utf8').trim();
/** Another machine than the master's. */
const far = () => ({ HOME: home });
const kept = () => join(home, '.local/state/sealcast/session.json');

const signIn = (file: string) => sealcast(far(), ['sign-in', stack.url, '--password-file', file]);

describe('beside the master nobody signs in', () => {
  test('status says how many nodes there are, and what the master is up to', async () => {
    const { code, out, err } = await sealcast(beside, ['status']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^Nodes {6}2 alive\nWire {7}up since \d+ (s|min)\nInvites {4}0 open\nRefused {4}0 frames, 0 connections cut\n/,
    );
    const { out: json } = await sealcast(beside, ['status', '--json']);
    expect(JSON.parse(json)).toMatchObject({ nodes: 2, alive: 2, away: 0, openInvites: 0, transport: { up: true } });
  });

  test('nodes are a table with a line each, without colours where no terminal is', async () => {
    const { code, out } = await sealcast(beside, ['nodes']);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(/ +/)[0])).toEqual(['NODE', 'attic', 'barn', '']);
    expect(out).not.toContain(escape);
  });

  test('on a terminal the table has colours, and is no wider than that', async () => {
    const { code, out } = sealcastOnTerminal(beside, ['nodes'], 64);
    expect([code, out]).toEqual([0, expect.stringContaining(`${escape}32malive`)]);
    const lines = stripVTControlCharacters(out).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(64);
    expect(sealcastOnTerminal({ ...beside, NO_COLOR: '1' }, ['nodes'], 64).out).not.toContain(escape);
  });

  test('of a node all is told, by its name and by how its id begins', async () => {
    const nodes: NodeView[] = JSON.parse((await sealcast(beside, ['nodes', '--json'])).out);
    const { id } = nodes.find(({ name }) => name === 'barn')!;
    expect((await sealcast(beside, ['nodes', 'barn'])).out).toMatch(
      new RegExp(`^barn\n  id +${id}\n  state +alive, seen`),
    );
    expect(JSON.parse((await sealcast(beside, ['nodes', id.slice(0, 8), '--json'])).out)).toMatchObject([
      { id, name: 'barn' },
    ]);
    expect(await sealcast(beside, ['nodes', 'cellar'])).toEqual({
      code: 1,
      out: '',
      err: 'sealcast: there is no node cellar\n',
    });
  });

  test('a node is called as it was renamed, and by its host name again', async () => {
    expect(await sealcast(beside, ['rename', 'barn', 'the old barn'])).toMatchObject({
      code: 0,
      err: 'barn is now called the old barn.\n',
    });
    expect((await sealcast(beside, ['nodes', 'the old barn'])).out).toMatch(/^the old barn\n[^]*\n  host +barn\n/);
    expect(await sealcast(beside, ['rename', 'attic', 'a\nb'])).toMatchObject({ code: 1 });
    expect(await sealcast(beside, ['rename', 'the old barn', '--own'])).toMatchObject({ code: 0 });
    expect((await sealcast(beside, ['nodes', 'barn'])).code).toBe(0);
  });

  test('a broadcast shows each receipt, and ends with 0 where all have done it', async () => {
    const { code, out } = await sealcast(beside, ['broadcast', 'text', 'good morning']);
    expect(code).toBe(0);
    expect(out.trim().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^attic {2}done {2}\d+ ms$/),
      expect.stringMatching(/^barn {2}done {2}\d+ ms$/),
    ]);
    await stack.nodes.get('barn')!.line((line) => JSON.stringify(line).includes('good morning'));
  });

  test('what only some let be done ends with 4, what none does with 1', async () => {
    const all = await sealcast(beside, ['broadcast', 'run', '--', '/bin/echo', 'two  words']);
    expect(all.code).toBe(4);
    expect(all.out).toMatch(/^barn {2}done.*\n {2}two {2}words\n/m);
    expect(all.out).toMatch(/^attic {2}refused {2}this node's policy is observe/m);
    const none = await sealcast(beside, ['broadcast', 'rotate', '--to', 'attic', '--json']);
    expect([none.code, JSON.parse(none.out).receipts]).toEqual([1, [expect.objectContaining({ outcome: 'refused' })]]);
    expect((await sealcast(beside, ['broadcast', 'run', '--to', 'barn', '--', '/bin/false'])).code).toBe(1);
  });

  test('an order that nobody waits for is sent, and that is all', async () => {
    const { code, out, err } = await sealcast(beside, [
      'broadcast',
      'interval',
      '1',
      '--to',
      'attic,barn',
      '--wait',
      '0',
    ]);
    expect([code, out, err]).toEqual([0, '', expect.stringMatching(/^Sent to 2 nodes as [0-9a-f]{32}\.\n$/)]);
  });

  test('an invite is one line that a node takes, is in the list, and is withdrawn by its label', async () => {
    const made = await sealcast(beside, ['invite', 'pi in the shed', '--hours', '2']);
    expect(made.code).toBe(0);
    expect(parseInvite(made.out.trim())).toMatchObject({ host: '127.0.0.1', mechanism: 'curve' });
    expect((await sealcast(beside, ['invite', 'list'])).out).toMatch(/^pi in the shed {2}open /m);
    expect(await sealcast(beside, ['invite', 'withdraw', 'pi in the shed'])).toMatchObject({
      code: 0,
      err: 'Withdrawn: pi in the shed.\n',
    });
    const list: { label: string; state: string }[] = JSON.parse(
      (await sealcast(beside, ['invite', 'list', '--json'])).out,
    );
    expect(list.find(({ label }) => label === 'pi in the shed')?.state).toBe('withdrawn');
    expect(await sealcast(beside, ['invite', 'withdraw', 'node-1'])).toMatchObject({
      code: 1,
      err: 'sealcast: A node has joined with this invite already.\n',
    });
  });

  test('on a terminal that is wide enough the invite has its QR code', async () => {
    const wide = sealcastOnTerminal(beside, ['invite', 'by camera'], 120);
    expect(wide.out).toMatch(/[█▀▄ ]{60,}/);
    const narrow = sealcastOnTerminal(beside, ['invite', 'by hand'], 60);
    expect(narrow.out).toMatch(/^The terminal is too narrow for the QR code\.\nsealcast1:/);
    expect(sealcastOnTerminal(beside, ['invite', 'by wire', '--no-qr'], 120).out).toMatch(/^sealcast1:/);
  });

  test('watch tells each change in a line, finds a master that comes back, and leaves no session', async () => {
    await using watching = new RunningCommand(beside, ['watch']);
    await watching.until(() => /node [0-9a-f]{32} barn alive\n/.test(watching.out));
    await sealcast(beside, ['broadcast', 'text', 'seen by a watcher']);
    await watching.until(() => /order [0-9a-f]{32} "seen by a watcher": 2 done\n/.test(watching.out));
    const told = watching.out.length;
    await stack.master.stop();
    await stack.restartMaster();
    await watching.until(() => /barn (alive|away)\n/.test(watching.out.slice(told)));
    expect(watching.err).toMatch(/does not answer|ended the connection|aborted/);
    expect(await watching.stop('SIGINT')).toBe(130);
  });

  test('watch as JSON is an event a line', async () => {
    await using watching = new RunningCommand(beside, ['watch', '--json']);
    await watching.until(() => watching.out.split('\n').length > 3);
    const lines = watching.out.split('\n').slice(0, 2);
    expect(
      lines
        .map((line) => JSON.parse(line))
        .map(({ type, node }) => `${type} ${node.name}`)
        .toSorted(),
    ).toEqual(['node attic', 'node barn']);
    await watching.stop('SIGTERM');
  });
});

describe('from elsewhere somebody signs in', () => {
  test('without that, a command ends with 3', async () => {
    expect(await sealcast(far(), ['nodes'])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('nobody is signed in'),
    });
  });

  test('with the wrong password, and where no master is, too, and nothing is kept', async () => {
    const wrong = join(home, 'wrong');
    writeFileSync(wrong, 'not the password\n');
    expect(await signIn(wrong)).toEqual({
      code: 3,
      out: '',
      err: 'sealcast: The name or the password is wrong.\n',
    });
    const nowhere = await sealcast(far(), ['sign-in', 'http://127.0.0.1:1', '--password-file', passwordFile()]);
    expect(nowhere).toEqual({ code: 3, out: '', err: 'sealcast: http://127.0.0.1:1 does not answer (ECONNREFUSED)\n' });
    expect(existsSync(kept())).toBe(false);
  });

  test('the session is kept for the commands after it, closed to others, without the password, until sign-out', async () => {
    expect(await signIn(passwordFile())).toMatchObject({ code: 0, err: `Signed in as admin at ${stack.url}/\n` });
    expect([kept(), join(kept(), '..')].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      '600',
      '700',
    ]);
    const session = readFileSync(kept(), 'utf8');
    expect(session).not.toContain(password());
    expect((await sealcast(far(), ['nodes', '--json'])).code).toBe(0);
    expect(await sealcast(far(), ['sign-out'])).toMatchObject({ code: 0, err: 'Signed out.\n' });
    expect(existsSync(kept())).toBe(false);
    // Who has copied it is out, too.
    writeFileSync(join(home, 'copied.json'), session, { mode: 0o600 });
    expect(await sealcast(far(), ['nodes', '--session', join(home, 'copied.json')])).toEqual({
      code: 3,
      out: '',
      err: 'sealcast: Nobody is signed in; sealcast sign-in URL\n',
    });
  });

  test('at a terminal the password is asked for, and not shown', async () => {
    const session = join(home, 'typed.json');
    const args = ['sign-in', stack.url, '--session', session];
    const typed = await sealcastAsking(far(), args, 'Password of admin', password());
    expect(typed.code).toBe(0);
    expect(typed.out).not.toContain(password());
    expect((await sealcast(far(), ['sign-out', '--session', session])).code).toBe(0);
  });
});

describe('a master under TLS', () => {
  beforeAll(async () => {
    await stack.master.stop();
    const tls = {
      server_tls_crt_fp: join(stack.folder, 'tls/tls.crt'),
      server_tls_key_fp: join(stack.folder, 'tls/tls.key'),
    };
    await stack.restartMaster(tls);
    beside = { ...beside, ...tls };
  });
  test('is known beside it by its very certificate', async () => {
    expect((await sealcast(beside, ['nodes', '--json'])).code).toBe(0);
    // Of the same authority, and yet another.
    const authority = join(stack.keys, 'tls-ca.crt');
    const posing = await sealcast({ ...beside, server_tls_crt_fp: authority }, ['nodes']);
    expect(posing).toMatchObject({ code: 3, out: '', err: expect.stringContaining('another certificate') });
  });

  test('is verified from elsewhere against the authority that was named', async () => {
    const args = [
      'sign-in',
      stack.url.replace('http://127.0.0.1', 'https://localhost'),
      '--password-file',
      join(stack.keys, 'admin.password'),
    ];
    expect(await sealcast(far(), args)).toMatchObject({
      code: 3,
      err: expect.stringContaining('name the authority with --ca'),
    });
    const session = join(home, 'tls.json');
    const trusted = [...args, '--ca', join(stack.keys, 'tls-ca.crt'), '--session', session];
    expect(await sealcast(far(), trusted)).toMatchObject({ code: 0 });
    expect((await sealcast(far(), ['status', '--session', session])).out).toContain('Nodes');
    expect((await sealcast(far(), ['sign-out', '--session', session])).code).toBe(0);
  });
});

test('a node is removed for good when somebody is sure', async () => {
  expect(await sealcast(beside, ['remove', 'attic', '--yes'])).toEqual({ code: 0, out: '', err: 'Removed: attic.\n' });
  expect(JSON.parse((await sealcast(beside, ['nodes', '--json'])).out)).toMatchObject([{ name: 'barn' }]);
});

test('at a terminal that is asked for, and No leaves the node in', async () => {
  const asked = await sealcastAsking(beside, ['remove', 'barn'], 'Take barn out for good?', '');
  expect(asked.code).toBe(1);
  expect(JSON.parse((await sealcast(beside, ['nodes', '--json'])).out)).toMatchObject([{ name: 'barn' }]);
});

test.each([[], ['--wait', '0']])('an order that there is no node for is done by none %j', async (...more) => {
  await sealcast(beside, ['remove', 'barn', '--yes']);
  expect(await sealcast(beside, ['broadcast', 'text', 'is anybody there?', ...more])).toEqual({
    code: 1,
    out: '',
    err: 'There is no node to do it.\n',
  });
});

test('no command has left a session behind', () => {
  using database = new DatabaseSync(join(stack.folder, 'data', 'sealcast.db'), { readOnly: true });
  // That of the test itself.
  expect(database.prepare('SELECT count(*) AS count FROM web_sessions').get()).toEqual({ count: 1 });
});
