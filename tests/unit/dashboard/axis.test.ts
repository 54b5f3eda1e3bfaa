import { expect, test } from 'vitest';
import { plainMark, topOf } from '../../../services/dashboard/src/chart/axis.ts';

test.each([
  ['8.0\u00a0MiB/s', '8\u00a0MiB/s'],
  ['1.5\u00a0KiB/s', '1.5\u00a0KiB/s'],
  ['100%', '100%'],
  ['6.00', '6'],
  ['0.50', '0.5'],
  ['10.25', '10.25'],
])('the mark %s is written as %s', (mark, written) => {
  expect(plainMark(mark)).toBe(written);
});

test('a scale leaves room above the highest value, and does not blow up noise', () => {
  expect(topOf(100, 10)).toBeCloseTo(110);
  expect(topOf(1, 10)).toBe(10);
});
