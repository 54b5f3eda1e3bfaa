import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PolicyFile } from '@sealcast/node/policy/policy-file';
import { createLog } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import { expect, test } from 'vitest';

const rotate = { type: 'rotate' } as const;
const text = { type: 'text' } as const;

/** A policy's file that holds `content`, and what is logged of it. */
function written(content: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-policy-'));
  const path = join(folder, 'policy');
  const write = (changed: string) => writeFileSync(path, changed, { mode: 0o644 });
  write(content);
  const lines: { level: string; msg: string; reason?: string }[] = [];
  const log = createLog('test', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  return {
    folder,
    path,
    write,
    open: () => new PolicyFile(path, log),
    levels: () => lines.map(({ level }) => level),
    errors: () => lines.filter(({ level }) => level === 'error').map(({ reason }) => reason ?? ''),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test('without a file a node observes', () => {
  const policy = new PolicyFile(undefined, createLog('test', 'silent'));
  expect([policy.level, policy.allows(text), policy.allows(rotate)]).toEqual(['observe', true, false]);
});

test('what is logged of a policy keeps the level of the log', () => {
  using file = written('level operate\n');
  const policy = file.open();
  file.write('level admin\n');
  policy.allows(rotate);
  expect(file.levels()).toEqual(['info', 'info']);
});

test('what is changed in the file counts from the next command on, up and down', () => {
  using file = written('level observe\n');
  const policy = file.open();
  const seen = [policy.allows(rotate)];
  for (const level of ['operate', 'observe', 'admin', 'observe']) {
    file.write(`level ${level}\n`);
    seen.push(policy.allows(rotate));
  }
  expect(seen).toEqual([false, true, false, true, false]);
  expect(policy.level).toBe('observe');
});

test('a change that leaves size and time as they were counts too', () => {
  using file = written('level operate\n');
  const { atime, mtime } = statSync(file.path);
  const policy = file.open();
  expect(policy.allows(rotate)).toBe(true);
  file.write('level observe\n');
  utimesSync(file.path, atime, mtime);
  expect(policy.allows(rotate)).toBe(false);
});

test('a file that was put in its place counts', () => {
  using file = written('level observe\n');
  const policy = file.open();
  const other = join(file.folder, 'other');
  writeFileSync(other, 'level operate\n', { mode: 0o644 });
  renameSync(other, file.path);
  expect(policy.allows(rotate)).toBe(true);
});

test.each([0o664, 0o646, 0o666])('a file with mode %o is not believed at the start', (mode) => {
  using file = written('level operate\n');
  chmodSync(file.path, mode);
  expect(file.open).toThrow(StartError);
  expect(file.open).toThrow(/^policy_file: .*group or others may write it; take that from them with chmod go-w$/);
});

test('a file that others may write from now on allows nothing from now on', () => {
  using file = written('level operate\n');
  const policy = file.open();
  expect(policy.allows(rotate)).toBe(true);
  chmodSync(file.path, 0o666);
  expect([policy.allows(rotate), policy.allows(text), policy.level]).toEqual([false, true, 'observe']);
  expect(file.errors()).toHaveLength(1);
  chmodSync(file.path, 0o600);
  expect(policy.allows(rotate)).toBe(true);
});

// Only root can give a file away.
test.runIf(process.getuid?.() === 0)('a file of another user is not believed', () => {
  using file = written('level operate\n');
  const policy = file.open();
  chownSync(file.path, 12_345, 0);
  expect(policy.allows(rotate)).toBe(false);
  expect(file.open).toThrow('it belongs to user 12345; give it to root, or to user 0, whom this node runs as');
});

test('a malformed file stops the start, with every fault', () => {
  using file = written('level boss\nallow run x\n');
  expect(file.open).toThrow(`policy_file: ${file.path}: line 1 names no level`);
  expect(file.open).toThrow(`\n${file.path}: line 2 names a program`);
});

test('a file that becomes malformed allows nothing, says so once for each fault, and counts again when it is mended', () => {
  using file = written('level operate\n');
  const policy = file.open();
  file.write('level boss\n');
  expect([policy.allows(rotate), policy.allows(rotate), policy.allows(rotate)]).toEqual([false, false, false]);
  expect(file.errors()).toEqual([expect.stringContaining('line 1 names no level')]);
  file.write('level operate\nlevel admin\n');
  expect(policy.allows(rotate)).toBe(false);
  expect(file.errors()).toHaveLength(2);
  file.write('level operate\n');
  expect(policy.allows(rotate)).toBe(true);
});

test('a file that is gone allows nothing', () => {
  using file = written('level operate\n');
  const policy = file.open();
  unlinkSync(file.path);
  expect([policy.allows(rotate), policy.allows(text)]).toEqual([false, true]);
  expect(file.errors()).toEqual([expect.stringContaining("can't be read (ENOENT")]);
  expect(file.open).toThrow(/^policy_file: .* can't be read \(ENOENT/);
});

test('a named pipe in its place allows nothing, and holds nothing up', () => {
  using file = written('level operate\n');
  const policy = file.open();
  unlinkSync(file.path);
  expect(spawnSync('mkfifo', [file.path]).status).toBe(0);
  expect(policy.allows(rotate)).toBe(false);
  expect(file.errors()).toEqual([expect.stringContaining('it is not a file')]);
});

test('a file that is longer than a policy is not read', () => {
  using file = written('');
  file.write(`level operate\n${'#'.repeat(65_536)}`);
  expect(file.open).toThrow('it is longer than 65536 bytes');
});

test('bytes that are no text are refused', () => {
  using file = written('');
  writeFileSync(file.path, Buffer.from([0x23, 0xff, 0x0a]));
  expect(file.open).toThrow(StartError);
});

test('what is told follows the file, and whether it is another than was told last is known', () => {
  using file = written('level operate\nallow run /bin/true\n');
  const policy = file.open();
  expect(policy.hasChanged()).toBe(true);
  expect(policy.tell()).toEqual({ level: 'operate', allowed: ['run /bin/true'], more: 0 });
  expect(policy.hasChanged()).toBe(false);
  file.write('level operate\nallow run /bin/false\n');
  expect([policy.hasChanged(), policy.hasChanged()]).toEqual([true, true]);
  expect(policy.tell()).toEqual({ level: 'operate', allowed: ['run /bin/false'], more: 0 });
  file.write('level boss\n');
  expect(policy.hasChanged()).toBe(true);
  expect(policy.tell()).toEqual({ level: 'observe', allowed: [], more: 0 });
});

test('without a file observe is told, once', () => {
  const policy = new PolicyFile(undefined, createLog('test', 'silent'));
  expect(policy.tell()).toEqual({ level: 'observe', allowed: [], more: 0 });
  expect(policy.hasChanged()).toBe(false);
});
