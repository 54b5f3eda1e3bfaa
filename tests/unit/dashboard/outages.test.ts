import { describe, expect, test } from 'vitest';
import { continues, outages } from '../../../services/dashboard/src/series/outages.ts';

/** The times after steps of so many seconds. */
function times(...steps: number[]): number[] {
  const at = [0];
  for (const step of steps) at.push((at.at(-1) ?? 0) + step * 1000);
  return at;
}

const five = 5000;

describe('an outage', () => {
  test('is not seen in even reports', () => {
    expect(outages(times(5, 5, 5, 5, 5), five)).toEqual([]);
  });

  test('is a silence of many intervals', () => {
    expect(outages(times(5, 5, 5, 600, 5, 5), five)).toEqual([4]);
  });

  test('is not a report that was late', () => {
    expect(outages(times(5, 5, 25, 5, 5), five)).toEqual([]);
  });

  test('is seen twice where one report stands between two silences', () => {
    expect(outages(times(5, 5, 5, 600, 600, 5, 5, 5), five)).toEqual([4, 5]);
  });

  test('is not a time of slow reports between fast ones', () => {
    expect(outages(times(5, 5, 5, 60, 60, 60, 60, 5, 5, 5), five)).toEqual([]);
  });

  test('is measured by the usual step, and not by the one next to it', () => {
    expect(outages(times(5, 200, 5, 200, 5, 5, 5), five)).toEqual([2, 4]);
  });

  test('is seen among slow reports too', () => {
    expect(outages(times(60, 60, 60, 600, 60, 60), 60_000)).toEqual([4]);
  });

  test('follows the interval where there is nothing else to go by', () => {
    expect(outages(times(60), 60_000)).toEqual([]);
    expect(outages(times(60), five)).toEqual([1]);
  });

  test('is not in nothing', () => {
    expect(outages([], five)).toEqual([]);
    expect(outages([1], five)).toEqual([]);
  });
});

describe('a sample continues a series', () => {
  test('when it comes in time', () => {
    expect(continues(times(5, 5, 5), 20_000, five)).toBe(true);
  });

  test('but not after a silence', () => {
    expect(continues(times(5, 5, 5), 200_000, five)).toBe(false);
  });
});
