import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCommandLog } from '../../../services/node/src/command-log.ts';
import { StateFolder } from './state-folder.ts';

const id = (number: number) => number.toString(16).padStart(32, '0');
const interrupted = { outcome: 'failed', detail: 'interrupted' };

function line(number: number): string {
  return `{"id":"${id(number)}","expires":1,"outcome":"done"}\n`;
}

function fileOf(state: StateFolder): string {
  return join(state.path, 'commands');
}

test('a command that never was begun has no outcome', () => {
  using state = new StateFolder();
  expect(openCommandLog(state.path).outcomeOf(id(1))).toBeUndefined();
});

test('a command is on disk when it is begun, and its outcome when it is finished', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path);
  log.begin(id(1), 1000);
  expect(readFileSync(fileOf(state), 'utf8')).toBe(`{"id":"${id(1)}","expires":1000}\n`);
  log.finish(id(1), 'refused', 'not allowed here');
  expect(log.outcomeOf(id(1))).toEqual({ outcome: 'refused', detail: 'not allowed here' });
  expect(openCommandLog(state.path).outcomeOf(id(1))).toEqual({ outcome: 'refused', detail: 'not allowed here' });
});

test('an outcome without a detail has none', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path);
  log.begin(id(1), 1000);
  log.finish(id(1), 'done');
  log.close();
  expect(openCommandLog(state.path).outcomeOf(id(1))).toEqual({ outcome: 'done' });
});

test('a command that a crash interrupted has failed, and is not begun again', () => {
  using state = new StateFolder();
  openCommandLog(state.path).begin(id(1), 1000);
  for (let start = 0; start < 3; start += 1) {
    const log = openCommandLog(state.path);
    expect(log.outcomeOf(id(1))).toEqual(interrupted);
    expect(() => log.begin(id(1), 1000)).toThrow('begun before');
  }
});

test('a file that a crash cut at any byte remembers every command before it', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path);
  const ends = [1, 2, 3].map((number) => {
    log.begin(id(number), 1000);
    return statSync(fileOf(state)).size;
  });
  log.close();
  const whole = readFileSync(fileOf(state));
  for (let length = 0; length <= whole.length; length += 1) {
    writeFileSync(fileOf(state), whole);
    truncateSync(fileOf(state), length);
    const after = openCommandLog(state.path);
    const remembered = ends.map((end, i) => [after.outcomeOf(id(i + 1)), end] as const);
    // The line is whole without its end, too.
    for (const [outcome, end] of remembered) expect(outcome).toEqual(end - 1 <= length ? interrupted : undefined);
    if (length % 9 !== 0) continue;
    after.begin(id(9), 1000);
    after.close();
    expect(openCommandLog(state.path).outcomeOf(id(9))).toEqual(interrupted);
  }
});

test('a line that is damaged takes no other with it', () => {
  using state = new StateFolder();
  writeFileSync(fileOf(state), `${line(1)}\0\0\0${line(2)}{"id":5}\n[]\nnull\n${line(3)}`);
  const log = openCommandLog(state.path);
  expect([1, 2, 3].map((number) => log.outcomeOf(id(number))?.outcome)).toEqual(['done', undefined, 'done']);
});

test('a command that can’t be written down is not to be done, and stays so', () => {
  using state = new StateFolder();
  const folder = join(state.path, 'gone');
  const log = openCommandLog(folder);
  expect(() => log.begin(id(1), 1000)).toThrow('could not be written down');
  expect(log.outcomeOf(id(1))).toEqual({ outcome: 'failed', detail: 'could not be written down' });
});

test('commands can be begun when the disk takes something again', () => {
  using state = new StateFolder();
  const folder = join(state.path, 'late');
  const log = openCommandLog(folder);
  expect(() => log.begin(id(1), 1000)).toThrow('could not be written down');
  mkdirSync(folder);
  log.begin(id(2), 1000);
  const after = openCommandLog(folder);
  expect([after.outcomeOf(id(1))?.outcome, after.outcomeOf(id(2))]).toEqual(['failed', interrupted]);
});

test('of more commands than are remembered those that expire first are forgotten, and the file stays small', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path, 8);
  for (let number = 1; number <= 100; number += 1) {
    log.begin(id(number), number === 1 ? 1e6 : number);
    log.finish(id(number), 'done');
    expect(statSync(fileOf(state)).size).toBeLessThan(4 * 8 * 100);
  }
  const remembered = (number: number) => log.outcomeOf(id(number)) !== undefined;
  expect([1, 2, 93, 94, 100].map(remembered)).toEqual([true, false, false, true, true]);
  expect(openCommandLog(state.path).outcomeOf(id(1))).toEqual({ outcome: 'done' });
});

test('a command that expires before all others is remembered while it is the newest', () => {
  using state = new StateFolder();
  const log = openCommandLog(state.path, 2);
  for (const number of [1, 2, 3]) log.begin(id(number), 100 - number);
  log.finish(id(3), 'done');
  expect([1, 2, 3].map((number) => log.outcomeOf(id(number))?.outcome)).toEqual(['failed', undefined, 'done']);
});

test('nobody else may read the file', () => {
  using state = new StateFolder();
  openCommandLog(state.path).begin(id(1), 1);
  expect(statSync(fileOf(state)).mode & 0o777).toBe(0o600);
});
