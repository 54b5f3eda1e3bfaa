import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { MemoryUse } from '../../../services/node/src/harvest/memory.ts';
import { Machine } from './machine.ts';

const none = { memory: { total: 0, available: 0 }, swap: { total: 0, free: 0 } };

function read(meminfo: string) {
  using machine = new Machine();
  machine.write('/proc/meminfo', meminfo);
  return new MemoryUse(machine.root).read();
}

test('memory and swap are told in bytes', () => {
  using machine = new Machine('raspberry-pi-4');
  expect(new MemoryUse(machine.root).read()).toEqual({
    memory: { total: 3884360 * 1024, available: 3204512 * 1024 },
    swap: { total: 204796 * 1024, free: 203260 * 1024 },
  });
});

test('a kernel that does not say what is available is believed about caches, but for shared memory', () => {
  const meminfo =
    'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 300 kB\nSwapCached: 7 kB\nShmem: 50 kB\nSReclaimable: 10 kB\n';
  expect(read(meminfo).memory).toEqual({ total: 1000 * 1024, available: 380 * 1024 });
});

test('what ZFS caches above its minimum is available', () => {
  using machine = new Machine('server');
  expect(new MemoryUse(machine.root).read().memory.available).toBe(60123456 * 1024 + 4 * 2 ** 30);
});

test('nothing is more available or free than there is', () => {
  const meminfo = 'MemTotal: 10 kB\nMemAvailable: 11 kB\nSwapTotal: 5 kB\nSwapFree: 6 kB\n';
  expect(read(meminfo)).toEqual({ memory: { total: 10240, available: 10240 }, swap: { total: 5120, free: 5120 } });
});

test('a machine without swap, and one that tells nothing, have 0', () => {
  expect(read('MemTotal: 10 kB\nMemAvailable: 5 kB\n').swap).toEqual({ total: 0, free: 0 });
  expect(read('MemTotal: much\n')).toEqual(none);
  using machine = new Machine();
  expect(new MemoryUse(machine.root).read()).toEqual(none);
});

test('this machine has the memory that the system says', () => {
  const { memory } = new MemoryUse('').read();
  expect(memory.total).toBe(totalmem());
  expect(memory.available).toBeGreaterThan(0);
});
