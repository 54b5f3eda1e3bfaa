import { expect, test } from 'vitest';
import { shownSpan } from '../../../services/dashboard/src/series/shown-span.ts';

const minute = 60_000;
const to = 1000 * minute;

test.each([
  ['an old node show the whole hour', 0, 60],
  ['a node of half an hour begin with it', 30, 30],
  ['a new node show five minutes', 1, 5],
])('the charts of %s', (_, age, minutes) => {
  expect(shownSpan(60, to, age === 0 ? 0 : to - age * minute)).toBe(to - minutes * minute);
});
