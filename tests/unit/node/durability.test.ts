import type * as Fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openCommandLog } from '../../../services/node/src/command-log.ts';
import { openSpool } from '../../../services/node/src/spool.ts';
import { clockAt, harvestOf, StateFolder } from './state-folder.ts';

const done: string[] = [];

function seen<A extends unknown[], R>(name: string, act: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    done.push(name);
    return act(...args);
  };
}

// A power cut can't be had in a test; that the kernel was asked can be seen.
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  return {
    ...fs,
    writeSync: seen('write', fs.writeSync as (...args: Parameters<typeof fs.writeSync>) => number),
    writeFileSync: seen('write', fs.writeFileSync),
    fsyncSync: seen('sync', fs.fsyncSync),
    fdatasyncSync: seen('sync', fs.fdatasyncSync),
    renameSync: seen('rename', fs.renameSync),
  };
});

function doneBy(act: () => void): string[] {
  done.length = 0;
  act();
  return [...done];
}

test('a command is safe from a power cut before it is acted on, and so is its outcome', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path);
  const id = 'a'.repeat(32);
  expect(doneBy(() => log.begin(id, 1))).toEqual(['write', 'sync']);
  expect(doneBy(() => log.finish(id, 'done'))).toEqual(['write', 'sync']);
});

test('a number is safe from a power cut before it is given', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, { maxBytes: 1e6, maxAgeMs: 1e9 });
  expect(doneBy(() => spool.append(harvestOf(1), clockAt(1)))).toEqual(['write', 'sync', 'rename', 'sync']);
  expect(doneBy(() => spool.append(harvestOf(2), clockAt(2)))).toEqual([]);
});

test('samples are safe from a power cut when they are written: a new file with its name, one that grows by itself', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, { maxBytes: 1e6, maxAgeMs: 1e9 });
  for (const [tag, expected] of [
    [1, ['write', 'sync', 'sync']],
    [2, ['write', 'sync']],
  ] as const) {
    spool.append(harvestOf(tag), clockAt(tag));
    expect(doneBy(() => spool.flush())).toEqual(expected);
  }
});
