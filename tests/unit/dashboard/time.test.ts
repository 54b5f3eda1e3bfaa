import { describe, expect, test } from 'vitest';
import { delay } from '../../../services/dashboard/src/format/delay.ts';
import {
  ago,
  clock,
  duration,
  moment,
  preciseClock,
  uptime,
  wait,
} from '../../../services/dashboard/src/format/time.ts';

const space = '\u00a0';
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('a duration', () => {
  test.each([
    [-1, `0${space}s`],
    [59_999, `59${space}s`],
    [minute, `1${space}min`],
    [hour, `1${space}h`],
    [4 * hour + 12 * minute, `4${space}h 12${space}min`],
    [day, `1${space}d`],
    [12 * day + 3 * hour + 59 * minute, `12${space}d 3${space}h`],
  ])('of %d ms is %s', (ms, written) => {
    expect(duration(ms)).toBe(written);
  });
});

describe('an uptime', () => {
  test.each([
    [59, `59${space}s`],
    [3_600, `1${space}h 0${space}min`],
    [86_400, `1${space}d 0${space}h`],
    [97_200, `1${space}d 3${space}h`],
  ])('of %d s is %s', (seconds, written) => {
    expect(uptime(seconds)).toBe(written);
  });
});

describe('a wait', () => {
  test.each([
    [1, `1${space}s`],
    [90_000, `90${space}s`],
    [120_001, `3${space}min`],
    [15 * minute, `15${space}min`],
  ])('of %d ms is %s, and never shorter than it is', (ms, written) => {
    expect(wait(ms)).toBe(written);
  });
});

describe('how long ago', () => {
  test.each([
    [-500, 'just now'],
    [1_999, 'just now'],
    [12 * second, `12${space}s ago`],
    [3 * minute, `3${space}min ago`],
    [2 * hour, `2${space}h ago`],
    [5 * day, `5${space}d ago`],
  ])('%d ms is %s', (past, written) => {
    expect(ago(1e12 - past, 1e12)).toBe(written);
  });
});

describe('an answer that took', () => {
  test.each([
    [40, `40${space}ms`],
    [830, `0.8${space}s`],
    [9_960, `10${space}s`],
    [90_000, `1${space}min`],
    [2 * hour, `2${space}h`],
    [-3, `0${space}ms`],
  ])('%d ms is written as %s', (ms, written) => {
    expect(delay(ms)).toBe(written);
  });
});

describe('a moment', () => {
  const now = new Date(2026, 10, 22, 14, 2, 9).getTime();

  test('of today is a time', () => {
    expect(moment(new Date(2026, 10, 22, 3, 5).getTime(), now)).toBe('03:05');
  });

  test('of another day has its date', () => {
    expect(moment(new Date(2026, 10, 21, 23, 59).getTime(), now)).toBe('21 Nov 23:59');
  });

  test('of another year has that too', () => {
    expect(moment(new Date(2025, 11, 31, 23, 59).getTime(), now)).toBe('31 Dec 2025 23:59');
  });

  test('is written in 24 hours', () => {
    expect([clock(now), preciseClock(now)]).toEqual(['14:02', '14:02:09']);
    expect(clock(new Date(2026, 10, 22, 0, 7).getTime())).toBe('00:07');
  });
});
