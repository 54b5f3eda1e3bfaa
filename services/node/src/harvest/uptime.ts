import { uptime } from 'node:os';
import { readText } from './reading.ts';

/** Seconds since boot, asleep or not, to a hundredth. */
export function readUptime(root: string): number {
  const seconds = Number.parseFloat(readText(`${root}/proc/uptime`, 64) ?? '');
  return seconds >= 0 ? seconds : uptime();
}
