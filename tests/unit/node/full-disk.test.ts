import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCommandLog } from '@sealcast/node/command-log';
import { openSpool } from '@sealcast/node/spool';
import { StateFolder } from './state-folder.ts';

// Where a file may not grow above a limit, the kernel writes what fits and then refuses, as on a full disk.

const run = fileURLToPath(new URL('./full-disk-run.ts', import.meta.url));

/** @param blocks of 512 bytes, that each file may have */
function onFullDisk(blocks: number, part: string, state: StateFolder): unknown {
  const limited = ['-c', 'ulimit -f "$1" && shift && exec "$@"', 'sh', String(blocks)];
  const output = execFileSync('sh', [...limited, process.execPath, run, part, state.path], { encoding: 'utf8' });
  return JSON.parse(output);
}

function upTo(count: number, from = 1): number[] {
  return Array.from({ length: count - from + 1 }, (_, i) => from + i);
}

const refused = expect.stringContaining('EFBIG') as unknown;

test('samples that fit a growing file in part wait whole, and are kept once when there is room again', () => {
  using state = new StateFolder();
  expect(onFullDisk(16, 'a file that grows', state)).toEqual({
    before: { problem: '', tags: [1, 2, 3] },
    full: { problem: refused, tags: upTo(60) },
    after: { problem: '', tags: upTo(60, 56) },
  });
  const after = openSpool(state.path, { maxBytes: 64e6, maxAgeMs: 1e9 });
  expect(after.oldest(Infinity, Infinity).map(({ harvest }) => harvest.uptime)).toEqual(upTo(60, 56));
});

test('samples that fit a new file in part do not come back from it once they are confirmed', () => {
  using state = new StateFolder();
  expect(onFullDisk(16, 'a new file', state)).toEqual({ full: { problem: refused, tags: upTo(60) } });
  expect(openSpool(state.path, { maxBytes: 64e6, maxAgeMs: 1e9 }).size).toBe(0);
});

test('a command that is written down in part is not done, and those after it are', () => {
  using state = new StateFolder();
  const told = onFullDisk(2, 'commands', state) as [string, string][];
  const failed = told.flatMap(([, outcome], i) => (outcome === 'done' ? [] : [i]));
  expect(told).toHaveLength(40);
  expect(failed.filter((i) => failed.includes(i + 1))).toEqual([]);
  expect(new Set(told.map(([, outcome]) => outcome))).toEqual(new Set(['done', 'could not be written down']));
  const log = openCommandLog(state.path, 8);
  expect(told.slice(-6).map(([id]) => [id, log.outcomeOf(id)?.detail ?? 'done'])).toEqual(told.slice(-6));
});

const id = (number: number) => number.toString(16).padStart(32, '0');

/** A log of 2 commands, of which the next entry has the file written anew, and no file to write it into. */
function logThatCannotBeRewritten(state: StateFolder) {
  const log = openCommandLog(state.path, 2);
  for (const number of [1, 2, 3, 4]) {
    log.begin(id(number), number);
    log.finish(id(number), 'done');
  }
  const room = join(state.path, 'commands.new');
  mkdirSync(room);
  return { log, room };
}

test('where the file of commands can’t be written anew, it stays as it was and no command is begun', () => {
  using state = new StateFolder();
  const { log } = logThatCannotBeRewritten(state);
  const before = readFileSync(join(state.path, 'commands'), 'utf8');
  expect(before.split('\n')).toHaveLength(9);
  expect(() => log.begin(id(5), 5)).toThrow('could not be written down');
  expect(() => log.begin(id(6), 6)).toThrow('could not be written down');
  expect(readFileSync(join(state.path, 'commands'), 'utf8')).toBe(before);
  const after = openCommandLog(state.path, 2);
  expect([3, 4].map((number) => after.outcomeOf(id(number)))).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
  expect(() => after.begin(id(7), 7)).toThrow('could not be written down');
});

test('when the file of commands can be written anew again, commands are begun', () => {
  using state = new StateFolder();
  const { log, room } = logThatCannotBeRewritten(state);
  expect(() => log.begin(id(5), 5)).toThrow('could not be written down');
  rmdirSync(room);
  log.begin(id(6), 6);
  const after = openCommandLog(state.path, 2);
  expect([5, 6].map((number) => after.outcomeOf(id(number))?.detail)).toEqual([
    'could not be written down',
    'interrupted',
  ]);
});

test('a command whose end can’t be written down is done for this run, and was interrupted for the next', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path, 1);
  for (const number of [1, 2, 3, 4]) log.begin(id(number), number);
  mkdirSync(join(state.path, 'commands.new'));
  log.finish(id(4), 'done', 'well');
  expect(log.outcomeOf(id(4))).toEqual({ outcome: 'done', detail: 'well' });
  expect(openCommandLog(state.path, 1).outcomeOf(id(4))).toEqual({ outcome: 'failed', detail: 'interrupted' });
});

test('however often the file of commands is written anew, one is open', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path, 2);
  const open = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(state.path);
      } catch {
        return false;
      }
    }).length;
  for (let number = 1; number <= 50; number += 1) log.begin(id(number), number);
  expect(open()).toBe(1);
  log.close();
  expect(open()).toBe(0);
});

test('the file of commands is written anew when it has four lines for each that is remembered, and not before', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path, 2);
  const path = join(state.path, 'commands');
  let file = statSync(path).ino;
  const lines = Array.from({ length: 23 }, (_, number) => {
    log.begin(id(number), number);
    const { ino } = statSync(path);
    const anew = ino === file ? '' : ' anew';
    file = ino;
    return `${readFileSync(path, 'utf8').split('\n').length - 1}${anew}`;
  });
  const round = ['2 anew', '3', '4', '5', '6', '7', '8'];
  expect(lines).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', ...round, ...round, '2 anew']);
});
