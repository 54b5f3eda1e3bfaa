import { describe, expect, test } from 'vitest';
import type { History } from '../../../services/dashboard/src/api/types.ts';
import {
  append,
  emptyHistory,
  fullestDisk,
  metrics,
  nearest,
  rowOf,
  takenShare,
  withOutages,
} from '../../../services/dashboard/src/series/columns.ts';
import { aSample } from './sample.ts';

const five = { intervalMs: 5000, stepMs: 5000, windowMs: 60_000 };

function heard(at: number[], cpu: (number | null)[] = at.map(() => 1)): History {
  const history = emptyHistory();
  history.at.push(...at);
  for (const metric of metrics) history[metric].push(...(metric === 'cpu' ? cpu : at.map(() => null)));
  return history;
}

function lengths(history: History): Set<number> {
  return new Set([history.at.length, ...metrics.map((metric) => history[metric].length)]);
}

describe('a history with outages', () => {
  test('gets a row of nulls in each', () => {
    const history = withOutages(heard([0, 5000, 10_000, 610_000, 615_000]), 5000);
    expect(history.at).toEqual([0, 5000, 10_000, 310_000, 610_000, 615_000]);
    expect(history.cpu).toEqual([1, 1, 1, null, 1, 1]);
    expect(lengths(history)).toEqual(new Set([6]));
  });

  test('loses marks that the master set by another interval', () => {
    const history = withOutages(heard([0, 30_000, 60_000, 90_000, 120_000], [1, null, 1, null, 1]), 60_000);
    expect(history.at).toEqual([0, 60_000, 120_000]);
  });
});

describe('a sample at the end of a history', () => {
  test('is added with every metric', () => {
    const history = heard([0]);
    expect(append(history, aSample({ at: 5000, cpu: 42 }), five)).toBe(true);
    expect(history.cpu).toEqual([1, 42]);
    expect(lengths(history)).toEqual(new Set([2]));
  });

  test('is left out when it is there already', () => {
    const history = heard([0, 5000]);
    expect(append(history, aSample({ at: 5000 }), five)).toBe(false);
    expect(history.at).toEqual([0, 5000]);
  });

  test('comes after a row of nulls when nothing was heard for long', () => {
    const history = heard([0, 5000]);
    append(history, aSample({ at: 55_000 }), five);
    expect(history.cpu).toEqual([1, 1, null, 10]);
  });

  test('pushes out what is older than the window', () => {
    const history = heard([0, 20_000, 40_000, 60_000]);
    append(history, aSample({ at: 80_000 }), { ...five, intervalMs: 20_000 });
    expect(history.at).toEqual([20_000, 40_000, 60_000, 80_000]);
    expect(lengths(history)).toEqual(new Set([4]));
  });
});

describe('a sample as a row', () => {
  test('adds up what goes over wires, and not what stays in the machine', () => {
    const interfaces = [
      { name: 'lo', received: 9, sent: 9 },
      { name: 'eth0', received: 100, sent: 10 },
      { name: 'wlan0', received: 20, sent: 2 },
    ];
    expect(rowOf(aSample({ interfaces }))).toMatchObject({ received: 120, sent: 12 });
  });

  test('says null for what a machine does not have', () => {
    const bare = aSample({ disks: [], io: [], interfaces: [], temperatures: [] });
    expect(rowOf(bare)).toMatchObject({ swap: null, disk: null, received: null, read: null, temperature: null });
  });

  test('has the hottest sensor and the fullest disk', () => {
    const disk = { device: 'd', type: 'ext4', total: 100 };
    const sample = aSample({
      temperatures: [
        { name: 'a', celsius: -5 },
        { name: 'b', celsius: 61 },
      ],
      disks: [
        { ...disk, mount: '/', free: 70 },
        { ...disk, mount: '/srv', free: 4 },
        { ...disk, mount: '/empty', total: 0, free: 0 },
      ],
    });
    expect(rowOf(sample)).toMatchObject({ temperature: 61, disk: 96 });
    expect(fullestDisk(sample)?.mount).toBe('/srv');
  });

  test('never has less than nothing taken', () => {
    expect(takenShare(100, 120)).toBe(0);
  });
});

describe('the nearest time', () => {
  test.each([
    [-100, 0],
    [4, 0],
    [6, 1],
    [10, 1],
    [99, 2],
  ])('to %d is at %d', (at, index) => {
    expect(nearest([0, 10, 20], at, 100)).toBe(index);
  });

  test('is none where all are too far', () => {
    expect(nearest([0, 10, 20], 200, 100)).toBe(-1);
    expect(nearest([], 0, 100)).toBe(-1);
  });
});
