import type { Facts, Sample } from '../../../services/master/src/fleet/views.ts';

/** A sample that looks like a real one, with what a test needs in its place. */
export function sample(number: number, at: number, over: Partial<Sample> = {}): Sample {
  return {
    number,
    at,
    uptime: 3600,
    cpu: 12.5,
    cores: [10, 15],
    load: [0.5, 0.25, 0.125],
    memory: { total: 8000, available: 6000 },
    swap: { total: 0, free: 0 },
    disks: [{ mount: '/', device: 'sda1', type: 'ext4', total: 1000, free: 400 }],
    io: [{ device: 'sda', read: 10, written: 20, busy: 1 }],
    interfaces: [
      { name: 'lo', received: 7, sent: 7 },
      { name: 'eth0', received: 100, sent: 200 },
    ],
    temperatures: [{ name: 'cpu', celsius: 51.5 }],
    ...over,
  };
}

export const facts: Facts = {
  name: 'pi',
  os: 'Debian GNU/Linux 13',
  kernel: '6.12.0',
  arch: 'aarch64',
  version: '0.1.0',
  vendor: '',
  model: 'Raspberry Pi 5',
  cpu: { model: 'Cortex-A76', cores: 4, threads: 4 },
  memory: 8000,
  boot: 1_000_000,
  disks: [{ name: 'mmcblk0', model: '', size: 64_000 }],
  gpus: [],
  addresses: ['192.0.2.1'],
};
