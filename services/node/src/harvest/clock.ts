import { readWord } from './reading.ts';
import { readUptime } from './uptime.ts';

/** When something was. Times of one boot can be compared by `monotonic`, whatever happened to the wall clock. */
export interface Clock {
  /** 32 hex digits, another at each boot; all 0 where the kernel does not say. */
  boot: string;
  /** ms since that boot, asleep or not. */
  monotonic: number;
  /** ms since 1970, as the machine believes. */
  wall: number;
}

const noBoot = '0'.repeat(32);

export function readClock(root: string): Clock {
  const boot = readWord(`${root}/proc/sys/kernel/random/boot_id`).replaceAll('-', '').toLowerCase();
  return {
    boot: /^[0-9a-f]{32}$/.test(boot) ? boot : noBoot,
    monotonic: Math.round(readUptime(root) * 1000),
    wall: Math.max(Date.now(), 0),
  };
}
