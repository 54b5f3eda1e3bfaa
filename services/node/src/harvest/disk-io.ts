import { percent, rate } from './bounds.ts';
import { cleanName } from './clean.ts';
import { Counters } from './counters.ts';
import { readInteger, readNames, readText } from './reading.ts';

export interface DiskRate {
  device: string;
  read: number;
  written: number;
  busy: number;
}

const maxDevices = 64;
const lookAgainMs = 30_000;
const sectorBytes = 512; // in /proc/diskstats always, whatever the disk's own sectors are

// What is kept in memory, read from a file, not a disk of this machine, or not to be used (a card's boot and RPMB areas).
const neverDisk = /^(loop|ram|zram|sr|fd|nbd|drbd|zd|mmcblk\d+(boot|gp|rpmb))/;
const partition = /^((sd|hd|vd|xvd)[a-z]+\d+|(nvme\d+(c\d+)?n|mmcblk|nbd|md|pmem)\d+p\d+)$/;
const stacked = /^(dm-|md|bcache)/;

/**
 * Whether a device of /sys/block is a whole, real disk: not empty, and not laid upon others (device mapper, RAID, bcache),
 * whose bytes would count twice.
 */
export function isWholeDisk(root: string, name: string): boolean {
  if (neverDisk.test(name)) return false;
  const folder = `${root}/sys/block/${name.replaceAll('/', '!')}`;
  return (readInteger(`${folder}/size`) ?? 0) > 0 && readNames(`${folder}/slaves`).length === 0;
}

/** Bytes read and written a second, and the share of time with something to do, of whole disks, from /proc/diskstats. */
export class DiskIo {
  readonly #root: string;
  readonly #counters = new Counters();
  #known = new Map<string, boolean>();
  #lookAt = -Infinity;

  constructor(root: string) {
    this.#root = root;
  }

  read(now: number): DiskRate[] {
    if (now >= this.#lookAt) {
      this.#known = new Map();
      this.#lookAt = now + lookAgainMs;
    }
    this.#counters.begin(now);
    const rates: DiskRate[] = [];
    for (const line of (readText(`${this.#root}/proc/diskstats`) ?? '').split('\n')) {
      // major, minor, name, then: 3rd sectors read, 7th sectors written, 10th ms with requests in flight
      const fields = line.trim().split(/ +/);
      const name = fields[2];
      if (name === undefined || rates.length === maxDevices || !this.#isWhole(name)) continue;
      const counters = [Number(fields[5]), Number(fields[9]), Number(fields[12])];
      const [read = 0, written = 0, busyMs = 0] = this.#counters.perSecond(name, counters);
      rates.push({
        device: cleanName(name),
        read: rate(read * sectorBytes),
        written: rate(written * sectorBytes),
        busy: percent(busyMs / 1000),
      });
    }
    return rates;
  }

  #isWhole(name: string): boolean {
    let whole = this.#known.get(name);
    if (whole === undefined) {
      // Without /sys the name has to tell.
      whole = readNames(`${this.#root}/sys/block`).length === 0 ? isDiskName(name) : isWholeDisk(this.#root, name);
      this.#known.set(name, whole);
    }
    return whole;
  }
}

function isDiskName(name: string): boolean {
  return !neverDisk.test(name) && !partition.test(name) && !stacked.test(name);
}
