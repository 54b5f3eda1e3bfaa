import { Interval } from '@sealcast/node/interval';
import { expect, test } from 'vitest';

function interval() {
  const applied: number[] = [];
  return { applied, interval: new Interval((seconds) => applied.push(seconds)) };
}

test('an older order that comes after a newer one changes nothing', () => {
  const set = interval();
  set.interval.order(10, 2000);
  expect(set.interval.order(5, 1000)).toBe(false);
  expect(set.applied).toEqual([10]);
});

test('orders that come in turn are applied, also those of the same moment', () => {
  const set = interval();
  expect([set.interval.order(10, 2000), set.interval.order(20, 2000), set.interval.order(30, 3000)]).toEqual([
    true,
    true,
    true,
  ]);
  expect(set.applied).toEqual([10, 20, 30]);
});

test('what a join says is set, and stands above all orders before it', () => {
  const set = interval();
  set.interval.order(10, 5000);
  set.interval.set(20, 4000);
  set.interval.order(30, 3000);
  set.interval.order(40, 4500);
  expect(set.applied).toEqual([10, 20, 40]);
});
