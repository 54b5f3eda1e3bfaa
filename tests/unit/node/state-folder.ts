import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../services/node/src/harvest/clock.ts';
import type { Harvest } from '../../../services/node/src/harvest/sampler.ts';

/** A folder for a node's state, gone with the test. */
export class StateFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'sealcast-state-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A harvest that is known again by its uptime. */
export function harvestOf(tag: number): Harvest {
  return {
    uptime: tag,
    cpu: 12.3,
    cores: [10.1, 14.5],
    load: [0.35, 0.2, 0.1],
    memory: { total: 8e9, available: 6e9 },
    swap: { total: 0, free: 0 },
    disks: [{ mount: '/', device: 'mmcblk0p2', type: 'ext4', total: 31012345856, free: 24012345856 }],
    io: [{ device: 'mmcblk0', read: 0, written: 8192, busy: 0.3 }],
    interfaces: [{ name: 'eth0', received: 1200, sent: 900 }],
    temperatures: [{ name: 'cpu_thermal', celsius: 48.2 }],
  };
}

/** The same in the fewest bytes. */
export function smallHarvestOf(tag: number): Harvest {
  const nothing = { total: 0, free: 0 };
  return { ...harvestOf(tag), cores: [], swap: nothing, disks: [], io: [], interfaces: [], temperatures: [] };
}

export function clockAt(seconds: number, boot = 'a'.repeat(32)): Clock {
  return { boot, monotonic: seconds * 1000, wall: Date.UTC(2026, 5, 1) + seconds * 1000 };
}
