import { describe, expect, test } from 'vitest';
import { bytes, bytesOf, celsius, count, percent, rate } from '../../../services/dashboard/src/format/quantity.ts';

const space = '\u00a0';

describe('bytes', () => {
  test.each([
    [0, `0${space}B`],
    [-5, `0${space}B`],
    [0.4, `0${space}B`],
    [999, `999${space}B`],
    [1000, `1.0${space}KiB`],
    [1024, `1.0${space}KiB`],
    [1536, `1.5${space}KiB`],
    [99.9 * 1024, `99.9${space}KiB`],
    [99.96 * 1024, `100${space}KiB`],
    [999.4 * 1024, `999${space}KiB`],
    [999.6 * 1024, `1.0${space}MiB`],
    [7.7 * 2 ** 30, `7.7${space}GiB`],
    [256 * 2 ** 30, `256${space}GiB`],
    [3.6 * 2 ** 40, `3.6${space}TiB`],
    [Number.MAX_SAFE_INTEGER, `8.0${space}PiB`],
  ])('%d are written as %s', (size, written) => {
    expect(bytes(size)).toBe(written);
  });

  test('never need four digits', () => {
    for (let size = 1; size < 2 ** 53; size = Math.ceil(size * 1.03)) expect(bytes(size)).toMatch(/^\d{1,3}(\.\d)?\s/);
  });

  test('a second follow as a rate', () => {
    expect(rate(1536)).toBe(`1.5${space}KiB/s`);
  });
});

describe('a part of a whole', () => {
  test('is in the unit of the whole', () => {
    expect(bytesOf(512 * 2 ** 20, 8 * 2 ** 30)).toBe(`0.5 of 8.0${space}GiB`);
    expect(bytesOf(3.1 * 2 ** 30, 7.7 * 2 ** 30)).toBe(`3.1 of 7.7${space}GiB`);
  });

  test('of nothing is nothing', () => {
    expect(bytesOf(0, 0)).toBe(`0 of 0${space}B`);
  });
});

test.each([
  [0, '0.0%'],
  [9.94, '9.9%'],
  [9.96, '10%'],
  [99.7, '100%'],
])('the share %d is written as %s', (share, written) => {
  expect(percent(share)).toBe(written);
});

test('a temperature has no digits after the point', () => {
  expect(celsius(51.6)).toBe(`52${space}°C`);
});

test('one node is a node, and others are nodes', () => {
  expect([count(0, 'node'), count(1, 'node'), count(1200, 'node')]).toEqual([
    `0${space}nodes`,
    `1${space}node`,
    `1,200${space}nodes`,
  ]);
});
