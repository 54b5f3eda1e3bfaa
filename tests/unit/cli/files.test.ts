// Files that somebody names, and that can't be read or made.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealcast, sealcastProcess } from '../../stack/command-line.ts';

/** root may read everything, so it becomes somebody else. */
const stranger = process.getuid?.() === 0 ? 65_534 : undefined;
const passphrase = 'correct horse battery staple\n';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-files-'));
  chmodSync(folder, 0o755);
  writeFileSync(at('passphrase'), passphrase);
  writeFileSync(at('letter'), 'this is a letter\n');
  mkdirSync(at('a-folder'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const env = () => ({ HOME: folder, keys_dir: at('keys'), data_dir: at('data') });

test('a backup that one may not read is told as that', { timeout: 60_000 }, () => {
  const closed = at('closed.backup');
  writeFileSync(closed, 'age-encryption.org/v1\n');
  chmodSync(closed, stranger === undefined ? 0 : 0o600);
  const args = ['backup', 'verify', closed, '--passphrase-file', '-'];
  const { code, err } = sealcastProcess(env(), args, passphrase, stranger);
  const denied = `permission denied to user ${stranger ?? process.getuid?.()}`;
  const instead = 'it is sealed, so let others read it: chmod a+r closed.backup';
  expect([code, err]).toEqual([1, `sealcast: ${closed} can't be read: ${denied}; ${instead}\n`]);
});

test.each([
  [['backup', 'verify', 'a-folder'], 'a-folder is a folder'],
  // It can be opened, and no byte of it read.
  [
    ['backup', 'verify', '/proc/self/mem', '--passphrase-file', 'passphrase'],
    "/proc/self/mem can't be read: i/o error",
  ],
  [['backup', 'verify', 'none'], "none can't be read: no such file or directory"],
  [
    ['backup', 'verify', 'letter', '--passphrase-file', 'none'],
    "--passphrase-file: none can't be read: no such file or directory",
  ],
  [
    ['backup', 'verify', 'letter', '--passphrase-file', 'passphrase', '--scratch', 'none'],
    "none can't be written into: no such file or directory",
  ],
  [['backup', '--out', 'none/f'], "none/f can't be made: no such file or directory"],
  [['backup', '--out', 'letter'], "letter can't be made: file already exists; name another one"],
  [['sign-in', 'https://localhost:1', '--ca', 'none'], "--ca: none can't be read: no such file or directory"],
  [['sign-in', 'https://localhost:1', '--ca', 'letter'], '--ca: letter holds no certificate in PEM form'],
])('%j says which file it is, and what is wrong with it', async (args, sentence) => {
  const isPath = /^(a-folder|none|letter|passphrase|none\/f)$/;
  const { code, out, err } = await sealcast(
    env(),
    args.map((word) => (isPath.test(word) ? at(word) : word)),
  );
  expect([code, out, err.replaceAll(`${folder}/`, '')]).toEqual([1, '', `sealcast: ${sentence}\n`]);
});

test('what reads a backup asks no master, and takes no session', async () => {
  for (const command of ['backup', 'backup verify', 'backup settings', 'restore']) {
    const { out } = await sealcast(env(), [...command.split(' '), '--help']);
    expect(out).not.toMatch(/--local|--session/);
    expect(out).toContain('--json');
    expect((await sealcast(env(), [...command.split(' '), '--local'])).code).toBe(2);
  }
  expect((await sealcast(env(), ['sign-out', '--help'])).out).toMatch(/--session FILE/);
  expect((await sealcast(env(), ['nodes', '--help'])).out).toMatch(/--local[^]*--session FILE/);
});
