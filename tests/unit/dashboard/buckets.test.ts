import { expect, test } from 'vitest';
import { buckets } from '../../../services/dashboard/src/series/buckets.ts';

test('samples in one place become their mean and their highest', () => {
  expect(buckets([0, 1, 2, 10, 11], [3, 9, 6, 1, 3], 0, 20, 2)).toEqual([
    [
      { place: 0, mean: 6, high: 9 },
      { place: 1, mean: 2, high: 3 },
    ],
  ]);
});

test('a null ends a run, also where both sides fall into one place', () => {
  expect(buckets([0, 1, 2], [1, null, 3], 0, 10, 2)).toEqual([
    [{ place: 0, mean: 1, high: 1 }],
    [{ place: 0, mean: 3, high: 3 }],
  ]);
});

test('what lies outside is not drawn', () => {
  expect(buckets([0, 5, 10, 15], [1, 2, 3, 4], 5, 10, 5)).toEqual([
    [
      { place: 0, mean: 2, high: 2 },
      { place: 4, mean: 3, high: 3 },
    ],
  ]);
});

test('nothing makes no run', () => {
  expect(buckets([], [], 0, 10, 5)).toEqual([]);
  expect(buckets([1, 2], [null, null], 0, 10, 5)).toEqual([]);
});
