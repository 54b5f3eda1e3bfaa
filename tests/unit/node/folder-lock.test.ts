import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '@sealcast/node/folder-lock';
import { StartError } from '@sealcast/runtime/run';
import { expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

const module = join(import.meta.dirname, '../../../services/node/src/folder-lock.ts');

/** Another process that takes the lock; `refused` where it can't. */
async function otherProcess(path: string) {
  const script = `import { lockFolder } from ${JSON.stringify(module)};
    try { lockFolder(${JSON.stringify(path)}); process.send('locked'); setInterval(() => undefined, 1000); }
    catch { process.send('refused'); process.disconnect(); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const [said] = await once(child, 'message');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { said, kill, [Symbol.asyncDispose]: kill };
}

test('a folder that a node has is no other’s', async () => {
  using state = new StateFolder();
  const lock = lockFolder(state.path);
  expect(() => lockFolder(state.path)).toThrow(StartError);
  expect(() => lockFolder(state.path)).toThrow(/^state_dir: another node is running in .*; stop that one, or name/);
  await using other = await otherProcess(state.path);
  expect(other.said).toBe('refused');
  lock.release();
  await using next = await otherProcess(state.path);
  expect(next.said).toBe('locked');
});

test('a folder is free again when the node that had it was killed', async () => {
  using state = new StateFolder();
  await using other = await otherProcess(state.path);
  expect(other.said).toBe('locked');
  expect(() => lockFolder(state.path)).toThrow('another node is running');
  await other.kill();
  lockFolder(state.path).release();
});

test('nobody else may read the file', () => {
  using state = new StateFolder();
  const lock = lockFolder(state.path);
  expect(statSync(join(state.path, 'lock')).mode & 0o777).toBe(0o600);
  lock.release();
});

test('a folder where no lock can be had stops the node with a sentence', () => {
  using state = new StateFolder();
  mkdirSync(join(state.path, 'lock'));
  expect(() => lockFolder(state.path)).toThrow(/^state_dir: no lock can be had in .*unable to open.*; name a folder/);
});
