import { whole } from './bounds.ts';
import { readText } from './reading.ts';

export interface Memory {
  memory: { total: number; available: number };
  swap: { total: number; free: number };
}

/** Memory and swap in bytes, from /proc/meminfo. */
export class MemoryUse {
  readonly #root: string;
  #zfs = true;

  constructor(root: string) {
    this.#root = root;
  }

  read(): Memory {
    const text = readText(`${this.#root}/proc/meminfo`) ?? '';
    const total = bytes(text, 'MemTotal:') ?? 0;
    const available = (bytes(text, 'MemAvailable:') ?? estimate(text)) + this.#shrinkableByZfs();
    const swap = bytes(text, 'SwapTotal:') ?? 0;
    const free = bytes(text, 'SwapFree:') ?? 0;
    return {
      memory: { total: whole(total), available: whole(Math.min(available, total)) },
      swap: { total: whole(swap), free: whole(Math.min(free, swap)) },
    };
  }

  // ZFS keeps its cache outside the page cache, so the kernel takes it for used; down to its minimum it is given back.
  #shrinkableByZfs(): number {
    if (!this.#zfs) return 0;
    const text = readText(`${this.#root}/proc/spl/kstat/zfs/arcstats`);
    this.#zfs = text !== undefined;
    const size = /^size +\d+ +(\d+)/m.exec(text ?? '')?.[1];
    const minimum = /^c_min +\d+ +(\d+)/m.exec(text ?? '')?.[1];
    return Math.max(Number(size ?? 0) - Number(minimum ?? 0), 0);
  }
}

// Kernels before 3.14 and some containers don't say MemAvailable. What free(1) took in its place.
function estimate(text: string): number {
  const part = (key: string) => bytes(text, key) ?? 0;
  const cached = part('Buffers:') + part('Cached:') + part('SReclaimable:') - part('Shmem:');
  return part('MemFree:') + Math.max(cached, 0);
}

function bytes(text: string, key: string): number | undefined {
  const at = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1;
  if (at === 0 && !text.startsWith(key)) return undefined;
  const kibibytes = Number.parseInt(text.slice(at + key.length, at + key.length + 24), 10);
  return Number.isNaN(kibibytes) ? undefined : kibibytes * 1024;
}
