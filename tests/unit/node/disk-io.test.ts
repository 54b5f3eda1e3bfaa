import { expect, test } from 'vitest';
import { DiskIo } from '../../../services/node/src/harvest/disk-io.ts';
import { Machine } from './machine.ts';

const line = (name: string, read: number, written: number, busyMs: number) =>
  `   8       0 ${name} 1 0 ${read} 1 1 0 ${written} 1 0 ${busyMs} 1 0 0 0 0`;

function disk(machine: Machine, name: string): void {
  machine.write(`/sys/block/${name}/size`, '1000\n');
}

function devices(recording: string): string[] {
  using machine = new Machine(recording);
  return new DiskIo(machine.root).read(0).map(({ device }) => device);
}

test('whole disks are told and nothing that lies on, in or beside them', () => {
  expect(devices('raspberry-pi-4')).toEqual(['mmcblk0', 'sda']);
  expect(devices('raspberry-pi-5')).toEqual(['nvme0n1']);
  expect(devices('server')).toEqual(['nvme0n1', 'nvme1n1', 'sda']);
  expect(devices('virtual-machine')).toEqual(['vda']);
});

test('without /sys the names tell whole disks from parts', () => {
  using machine = new Machine('server');
  machine.remove('/sys');
  const named = new DiskIo(machine.root).read(0).map(({ device }) => device);
  expect(named).toEqual(['nvme0n1', 'nvme1n1', 'sda']);
});

test('bytes are told a second, and the busy share of the time', () => {
  using machine = new Machine();
  disk(machine, 'sda');
  const io = new DiskIo(machine.root);
  machine.write('/proc/diskstats', line('sda', 100, 200, 1000));
  expect(io.read(10_000)).toEqual([{ device: 'sda', read: 0, written: 0, busy: 0 }]);
  machine.write('/proc/diskstats', line('sda', 110, 240, 1500));
  expect(io.read(12_000)).toEqual([{ device: 'sda', read: 2560, written: 10240, busy: 25 }]);
});

test('a disk is never more than wholly busy', () => {
  using machine = new Machine();
  disk(machine, 'sda');
  const io = new DiskIo(machine.root);
  machine.write('/proc/diskstats', line('sda', 0, 0, 0));
  io.read(0);
  machine.write('/proc/diskstats', line('sda', 0, 0, 1010));
  expect(io.read(1000)[0]?.busy).toBe(100);
});

test('counters that go back, a disk that comes back, and time that stands still have no rate', () => {
  using machine = new Machine();
  disk(machine, 'sda');
  const io = new DiskIo(machine.root);
  const idle = [{ device: 'sda', read: 0, written: 0, busy: 0 }];
  const at = (now: number, stats: string) => {
    machine.write('/proc/diskstats', stats);
    return io.read(now);
  };
  at(0, line('sda', 5000, 5000, 5000));
  expect(at(1000, line('sda', 10, 6000, 10))).toEqual(idle);
  expect(at(2000, '')).toEqual([]);
  expect(at(3000, line('sda', 90_000, 90_000, 9000))).toEqual(idle);
  expect(at(3000, line('sda', 99_000, 99_000, 9999))).toEqual(idle);
  expect(at(4000, line('sda', 99_002, 99_000, 9999))).toEqual([{ device: 'sda', read: 1024, written: 0, busy: 0 }]);
});

test('no more than 64 disks are told', () => {
  using machine = new Machine();
  const names = Array.from({ length: 100 }, (_, i) => `sd${i}`);
  for (const name of names) disk(machine, name);
  machine.write('/proc/diskstats', names.map((name) => line(name, 1, 1, 1)).join('\n'));
  expect(new DiskIo(machine.root).read(0)).toHaveLength(64);
});
