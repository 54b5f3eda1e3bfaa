import { steadyClock } from '@sealcast/master/steady-clock';
import { expect, test } from 'vitest';

function clocks() {
  const set = { wall: 1_000_000, monotonic: 5000 };
  const now = steadyClock(
    () => set.wall,
    () => set.monotonic,
  );
  const pass = (ms: number) => {
    set.wall += ms;
    set.monotonic += ms;
  };
  return { set, now, pass };
}

test('it goes as the wall clock does', () => {
  const { now, pass } = clocks();
  pass(1234);
  expect(now()).toBe(1_001_234);
});

test('it follows a step forward', () => {
  const { set, now, pass } = clocks();
  set.wall += 60_000;
  expect(now()).toBe(1_060_000);
  pass(10);
  expect(now()).toBe(1_060_010);
});

test('it does not follow a step back, and goes on', () => {
  const { set, now, pass } = clocks();
  set.wall -= 3_600_000;
  expect(now()).toBe(1_000_000);
  pass(500);
  expect(now()).toBe(1_000_500);
});
