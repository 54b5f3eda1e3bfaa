import { MasterClock } from '@sealcast/node/link/master-clock';
import { expect, test } from 'vitest';

test('the master says what time it is, and the monotonic clock carries it on', () => {
  let monotonic = 1000;
  const clock = new MasterClock(() => monotonic);
  clock.set(5_000_000);
  monotonic += 250;
  expect(clock.now()).toBe(5_000_250);
});

test('what was sampled before the first word is placed by it', () => {
  const clock = new MasterClock(() => 90_000);
  expect(clock.at(30_000)).toBeUndefined();
  clock.set(5_000_000);
  expect(clock.at(30_000)).toBe(4_940_000);
});

test('no time is before 1970', () => {
  const clock = new MasterClock(() => 90_000);
  clock.set(1000);
  expect(clock.at(0)).toBe(0);
});
