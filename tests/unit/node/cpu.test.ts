import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { CpuUse } from '../../../services/node/src/harvest/cpu.ts';
import { Machine } from './machine.ts';

/** What CpuUse tells of the second of two states of /proc/stat. */
function between(before: string, after: string): { cpu: number; cores: number[] } {
  using machine = new Machine();
  machine.write('/proc/stat', `${before}\nintr 1 2 3\nbtime 1790000000\n`);
  const cpu = new CpuUse(machine.root);
  cpu.read();
  machine.write('/proc/stat', `${after}\nintr 1 2 3\nbtime 1790000000\n`);
  return cpu.read();
}

test('a machine of which nothing was read before is not busy', () => {
  using machine = new Machine('raspberry-pi-4');
  expect(new CpuUse(machine.root).read()).toEqual({ cpu: 0, cores: [0, 0, 0, 0] });
});

test('user, nice, system, interrupts and stolen time are busy, idle and waiting for a disk are not', () => {
  expect(between('cpu  0 0 0 0 0 0 0 0 0 0', 'cpu  10 10 10 200 260 2 3 5 0 0').cpu).toBe(8);
});

test('the time of guests is not counted twice', () => {
  expect(between('cpu  0 0 0 0 0 0 0 0 0 0', 'cpu  50 0 0 50 0 0 0 0 50 0').cpu).toBe(50);
});

test('a kernel that does not know of stolen time and guests is understood', () => {
  expect(between('cpu 0 0 0 0 0 0 0', 'cpu 25 0 0 75 0 0 0').cpu).toBe(25);
});

test('each core has its own share, to a tenth', () => {
  const before = 'cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0';
  const after = 'cpu  1 0 0 5\ncpu0 1 0 0 2\ncpu1 0 0 0 3';
  expect(between(before, after)).toEqual({ cpu: 16.7, cores: [33.3, 0] });
});

test('a core that goes offline stands as 0 in its place, and those behind it keep theirs', () => {
  const before = 'cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\ncpu2 0 0 0 0';
  const after = 'cpu  2 0 0 2\ncpu0 1 0 0 1\ncpu2 1 0 0 3';
  expect(between(before, after).cores).toEqual([50, 0, 25]);
});

test('a core that comes back starts anew', () => {
  using machine = new Machine();
  const cpu = new CpuUse(machine.root);
  const shares = ['cpu0 1 0 0 9\ncpu1 1 0 0 9', 'cpu0 1 0 0 19', 'cpu0 1 0 0 29\ncpu1 900 0 0 9'].map((stat) => {
    machine.write('/proc/stat', `${stat}\n`);
    return cpu.read().cores;
  });
  expect(shares).toEqual([[0, 0], [0], [0, 0]]);
});

test('counters that go back, as idle time does on some kernels, never look like work', () => {
  expect(between('cpu  100 0 0 1000 50 0 0 0', 'cpu  100 0 0 990 40 0 0 0').cpu).toBe(0);
  expect(between('cpu  100 0 0 1000 50 0 0 0', 'cpu  110 0 0 990 80 0 0 0').cpu).toBe(25);
  expect(between('cpu  5000 0 500 9000', 'cpu  10 0 5 85').cpu).toBe(0);
});

test('where nothing can be read, or only nonsense, nothing is busy', () => {
  using machine = new Machine();
  const cpu = new CpuUse(machine.root);
  expect(cpu.read()).toEqual({ cpu: 0, cores: [] });
  machine.write('/proc/stat', 'cpu  a b c\ncpu0\ncpux 1 2 3\ncpu-1 1 1 1\ncpu99999999 1 2 3 4\n');
  expect(cpu.read()).toEqual({ cpu: 0, cores: [] });
  machine.write('/proc/stat', 'cpu  1 1 1 1\ncpu0 1 1 1 1\n');
  cpu.read();
  machine.write('/proc/stat', 'cpu  2 1 1 2\ncpu0 2 1 1 2\n');
  expect(cpu.read()).toEqual({ cpu: 50, cores: [50] });
});

test('this machine works while it is made to', () => {
  const cpu = new CpuUse('');
  cpu.read();
  const until = process.cpuUsage().user + 100_000;
  while (process.cpuUsage().user < until);
  const { cpu: share, cores } = cpu.read();
  expect(share).toBeGreaterThan(0);
  expect(Math.max(...cores)).toBeGreaterThan(50);
  expect(cores.length).toBeGreaterThanOrEqual(availableParallelism());
});
