import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { throughMax } from '@sealcast/channel/constants';
import { expect, test } from 'vitest';
import { numberMax } from '../../../services/node/src/sample-numbers.ts';
import { encodeSample } from '../../../services/node/src/spool-segment.ts';
import { openSpool, type Spool } from '../../../services/node/src/spool.ts';
import { clockAt, harvestOf, smallHarvestOf, StateFolder } from './state-folder.ts';

const hour = 3_600_000;
const roomy = { maxBytes: 64e6, maxAgeMs: 72 * hour };

/** Appends samples from `first` on, a second apart, known again by their tags. */
function fill(spool: Spool, count: number, first = 1): number[] {
  return Array.from({ length: count }, (_, i) => spool.append(harvestOf(first + i), clockAt(first + i)));
}

function tags(spool: Spool): number[] {
  return spool.oldest(Infinity, Infinity).map(({ harvest }) => harvest.uptime);
}

function numbers(spool: Spool): number[] {
  return spool.oldest(Infinity, Infinity).map(({ number }) => number);
}

function files(state: StateFolder): string[] {
  return readdirSync(join(state.path, 'spool'))
    .filter((name) => name !== 'numbers')
    .map((name) => join(state.path, 'spool', name));
}

function mode(path: string): number {
  return statSync(path).mode & 0o777;
}

function upTo(count: number, from = 1): number[] {
  return Array.from({ length: count - from + 1 }, (_, i) => from + i);
}

test('samples come back as they were put in, numbered from 1', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  expect(fill(spool, 3)).toEqual([1, 2, 3]);
  spool.flush();
  expect(fill(spool, 1, 4)).toEqual([4]);
  expect(spool.oldest(10, 1e6)).toEqual(upTo(4).map((n) => ({ number: n, clock: clockAt(n), harvest: harvestOf(n) })));
});

test('what is asked for is bounded in count and bytes, but one sample always comes', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 3);
  spool.flush();
  fill(spool, 3, 4);
  const count = (most: number, bytes: number) => spool.oldest(most, bytes).length;
  expect([count(0, 1e6), count(1, 1e6), count(5, 1e6), count(64, 1e6)]).toEqual([0, 1, 5, 6]);
  const recordBytes = statSync(files(state)[0]!).size / 3;
  expect([count(64, 1), count(64, recordBytes * 2), count(64, recordBytes * 5.5)]).toEqual([1, 2, 5]);
});

test('what the master confirmed is forgotten, in memory and on disk', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 5);
  spool.flush();
  fill(spool, 2, 6);
  spool.confirm(3);
  expect([tags(spool), spool.size]).toEqual([[4, 5, 6, 7], 4]);
  spool.confirm(6);
  expect([tags(spool), spool.size, files(state)]).toEqual([[7], 1, []]);
  spool.confirm(1000);
  expect([tags(spool), spool.size]).toEqual([[], 0]);
});

test('while everything is confirmed nothing is written but a number in a thousand samples', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  const written = () => statSync(join(state.path, 'spool', 'numbers')).ino;
  const filesOfNumbers = new Set<number>();
  for (let i = 1; i <= 2048; i += 1) {
    spool.confirm(spool.append(harvestOf(i), clockAt(i * 5)));
    filesOfNumbers.add(written());
    expect(files(state)).toEqual([]);
  }
  expect(readFileSync(join(state.path, 'spool', 'numbers'), 'utf8')).toBe('2048\n');
  expect(filesOfNumbers.size).toBeLessThanOrEqual(2);
});

test('what waited ten seconds is written, and a crash then takes nothing of it', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  for (let second = 0; second < 10; second += 1) spool.append(harvestOf(second), clockAt(second));
  expect(files(state)).toEqual([]);
  spool.append(harvestOf(10), clockAt(10));
  spool.append(harvestOf(11), clockAt(11));
  const after = openSpool(state.path, roomy);
  expect([tags(after).at(-1), after.size]).toEqual([10, 11]);
});

test('what waits in memory is bounded in number, too', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  for (let tag = 1; tag <= 64; tag += 1) spool.append(harvestOf(tag), clockAt(tag / 100));
  expect(openSpool(state.path, roomy).size).toBe(64);
});

test('a stop writes what waits and leaves no gap in the numbers', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 3);
  spool.close();
  const after = openSpool(state.path, roomy);
  expect(tags(after)).toEqual([1, 2, 3]);
  expect(fill(after, 1)).toEqual([4]);
});

test('after a crash no number comes again, also when all samples are confirmed and gone', () => {
  using state = new StateFolder();
  const given = new Set<number>();
  for (let run = 0; run < 5; run += 1) {
    const spool = openSpool(state.path, roomy);
    for (const number of fill(spool, 300)) {
      expect(given.has(number)).toBe(false);
      given.add(number);
    }
    spool.confirm(Infinity);
  }
});

test('where the file of the numbers is lost or damaged, they go on above those of the samples', () => {
  for (const text of [undefined, '', 'x\n', '7', '-5\n', '1e3\n', '99999999999999999999\n']) {
    using state = new StateFolder();
    const spool = openSpool(state.path, roomy);
    fill(spool, 70);
    spool.close();
    const path = join(state.path, 'spool', 'numbers');
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    expect(fill(openSpool(state.path, roomy), 1)).toEqual([71]);
  }
});

test('a file that a crash cut at any byte keeps the samples before it, and is written on', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  for (const tag of [1, 2]) spool.append(smallHarvestOf(tag), clockAt(tag));
  spool.close();
  const path = files(state)[0]!;
  const whole = readFileSync(path);
  for (let length = 0; length <= whole.length; length += 1) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    const after = openSpool(state.path, roomy);
    const kept = Math.floor((length / whole.length) * 2);
    expect(statSync(path, { throwIfNoEntry: false })?.size ?? 0).toBe((kept * whole.length) / 2);
    expect(tags(after)).toEqual(upTo(kept));
    if (length % 97 !== 0) continue;
    after.append(harvestOf(99), clockAt(99));
    after.close();
    expect(tags(openSpool(state.path, roomy))).toEqual([...upTo(kept), 99]);
    for (const other of files(state)) if (other !== path) rmSync(other);
  }
});

test('a byte that is not what was written ends a file before its sample', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  for (const tag of [1, 2]) spool.append(smallHarvestOf(tag), clockAt(tag));
  spool.close();
  const path = files(state)[0]!;
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(path, damaged);
    expect(tags(openSpool(state.path, roomy))).toEqual(upTo(Math.floor((at / whole.length) * 2)));
  }
});

test('zeros that a power cut left behind are no samples', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 2);
  spool.close();
  const path = files(state)[0]!;
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(5000)]));
  const after = openSpool(state.path, roomy);
  fill(after, 1, 3);
  after.close();
  expect(tags(openSpool(state.path, roomy))).toEqual([1, 2, 3]);
});

test('damage that comes while the node runs takes what lies behind it, is counted, and stops nothing', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 6);
  spool.flush();
  const path = files(state)[0]!;
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
  writeFileSync(path, bytes);
  expect(tags(spool)).toEqual([1, 2, 3]);
  fill(spool, 1, 7);
  spool.flush();
  expect([tags(spool), spool.dropped, spool.size]).toEqual([[1, 2, 3, 7], 3, 4]);
  spool.confirm(2);
  expect([tags(spool), spool.size]).toEqual([[3, 7], 2]);
  spool.confirm(3);
  expect([tags(spool), spool.size, files(state).length]).toEqual([[7], 1, 1]);
});

test('a file that vanishes is given up and counted', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 3);
  spool.flush();
  rmSync(files(state)[0]!);
  fill(spool, 1, 4);
  expect([tags(spool), spool.dropped, spool.size]).toEqual([[4], 3, 1]);
});

test('samples that another version could not read are given up, not sent', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 1);
  spool.append({ ...harvestOf(2), cpu: 101 }, clockAt(2));
  spool.flush();
  expect([tags(spool), spool.dropped]).toEqual([[1], 1]);
});

test('the files never take more than they may, the oldest go first and not many at a time, and what goes is counted', () => {
  using state = new StateFolder();
  const limits = { maxBytes: 40_000, maxAgeMs: 72 * hour };
  const spool = openSpool(state.path, limits);
  for (let i = 1; i <= 500; i += 1) {
    spool.append(harvestOf(i), clockAt(i * 20));
    const bytes = files(state).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThanOrEqual(limits.maxBytes);
    expect(bytes).toBeGreaterThan(spool.dropped > 0 ? limits.maxBytes * 0.8 : -1);
  }
  expect(spool.dropped).toBeGreaterThan(250);
  expect(spool.size).toBe(500 - spool.dropped);
  expect(tags(spool)).toEqual(upTo(500, spool.dropped + 1));
});

test('samples go when they are too old, by the clock that counts since the start', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, { maxBytes: 64e6, maxAgeMs: hour });
  const minutes = upTo(180);
  for (const minute of minutes) spool.append(harvestOf(minute), { ...clockAt(minute * 60), wall: 5 });
  const [oldest] = tags(spool);
  expect(oldest).toBeGreaterThan(180 - 60 - 10);
  expect(oldest).toBeLessThanOrEqual(180 - 60);
  expect(spool.dropped).toBe(oldest! - 1);
});

test('samples of an earlier start are as old as the wall clock says, if it can have been right', () => {
  const limits = { maxBytes: 64e6, maxAgeMs: hour };
  const sizeAfter = (wall: number, later: number) => {
    using state = new StateFolder();
    const before = openSpool(state.path, limits);
    before.append(harvestOf(1), { boot: 'b'.repeat(32), monotonic: 9e9, wall });
    before.close();
    const spool = openSpool(state.path, limits);
    spool.append(harvestOf(2), { boot: 'c'.repeat(32), monotonic: 1000, wall: wall + later });
    return spool.size;
  };
  const right = Date.UTC(2026, 1, 1);
  expect([sizeAfter(right, hour - 1), sizeAfter(right, hour + 1), sizeAfter(right, -hour * 99)]).toEqual([2, 1, 2]);
  expect(sizeAfter(1000, right)).toBe(2);
});

test('a disk that takes nothing stops nothing: samples wait, the oldest go, and all is well when it takes them again', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 1);
  expect(spool.problem).toBeUndefined();
  rmSync(join(state.path, 'spool'), { recursive: true });
  writeFileSync(join(state.path, 'spool'), '');
  fill(spool, 299, 2);
  expect(spool.problem).toContain('ENOTDIR');
  expect([spool.size, spool.dropped, tags(spool)[0]]).toEqual([256, 44, 45]);
  rmSync(join(state.path, 'spool'));
  openSpool(state.path, roomy);
  fill(spool, 1, 301);
  expect([spool.problem, spool.size]).toEqual([undefined, 257]);
  expect(tags(openSpool(state.path, roomy))).toEqual(upTo(301, 45));
});

test('what the master holds when a session begins is confirmed', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 5);
  spool.raise(3);
  expect([numbers(spool), fill(spool, 1, 6)]).toEqual([[4, 5], [6]]);
});

test('a node that lost its state goes on above the master’s number, and loses no sample to an old one', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 150);
  spool.flush();
  fill(spool, 10, 151);
  spool.confirm(5);
  spool.raise(5000);
  expect(tags(spool)).toEqual(upTo(160, 6));
  expect(numbers(spool)).toEqual(upTo(5155, 5001));
  expect(spool.append(harvestOf(161), clockAt(161))).toBe(5156);
  spool.close();
  const after = openSpool(state.path, roomy);
  expect(numbers(after)).toEqual(upTo(5156, 5001));
});

test('a number that the master can’t have, a `through` above throughMax, raises nothing', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 2);
  for (const through of [Number.MAX_SAFE_INTEGER, throughMax + 1]) spool.raise(through);
  expect([numbers(spool), fill(spool, 1, 3)]).toEqual([[1, 2], [3]]);
});

test('above the highest number that the master can raise to, numbers go on, also after a stop and a crash', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  spool.raise(throughMax);
  expect(fill(spool, 1)).toEqual([throughMax + 1]);
  spool.close();
  const after = openSpool(state.path, roomy);
  expect([numbers(after), fill(after, 70, 2).at(-1)]).toEqual([[throughMax + 1], throughMax + 71]);
  expect(fill(openSpool(state.path, roomy), 1, 72)[0]).toBeGreaterThan(throughMax + 71);
});

test('a file of the numbers that leaves none to go on with is damaged', () => {
  for (const number of [Number.MAX_SAFE_INTEGER, numberMax + 1]) {
    using state = new StateFolder();
    const spool = openSpool(state.path, roomy);
    fill(spool, 2);
    spool.close();
    writeFileSync(join(state.path, 'spool', 'numbers'), `${number}\n`);
    expect(fill(openSpool(state.path, roomy), 1)).toEqual([3]);
  }
});

/** A file of samples as no spool writes it. */
function forge(state: StateFolder, name: string, given: number[]): void {
  const records = given.map((number) =>
    encodeSample({ number, clock: clockAt(number % 1000), harvest: harvestOf(number % 1000) }),
  );
  mkdirSync(join(state.path, 'spool'), { recursive: true });
  writeFileSync(join(state.path, 'spool', name), Buffer.concat(records));
}

test('a file is cut at the first sample whose number is not above the one before, and no number comes twice', () => {
  for (const given of [
    [7, 9, 8],
    [7, 9, 9],
    [7, 9, 0, 12],
  ]) {
    using state = new StateFolder();
    forge(state, '0000000000000007.v1', given);
    const spool = openSpool(state.path, roomy);
    expect([numbers(spool), fill(spool, 1)]).toEqual([[7, 9], [10]]);
  }
});

test('a file whose samples are not above those of the file before goes', () => {
  using state = new StateFolder();
  forge(state, '0000000000000007.v1', [7, 20]);
  forge(state, '0000000000000008.v1', [8, 9]);
  const spool = openSpool(state.path, roomy);
  expect([numbers(spool), fill(spool, 1), files(state).length]).toEqual([[7, 20], [21], 1]);
});

test('a sample whose number leaves none to go on with is damage', () => {
  for (const number of [numberMax + 1, Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 63]) {
    using state = new StateFolder();
    forge(state, '0000000000000007.v1', [7, number]);
    const spool = openSpool(state.path, roomy);
    expect([numbers(spool), fill(spool, 1)]).toEqual([[7], [8]]);
  }
});

test('nobody else may read the files', () => {
  using state = new StateFolder();
  const spool = openSpool(state.path, roomy);
  fill(spool, 70);
  expect(mode(join(state.path, 'spool'))).toBe(0o700);
  expect([...files(state), join(state.path, 'spool', 'numbers')].map(mode)).toEqual([0o600, 0o600]);
});
