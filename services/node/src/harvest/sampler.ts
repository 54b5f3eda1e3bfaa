import type { Sample } from '@sealcast/channel/payloads';
import { attempt } from './attempt.ts';
import { whole } from './bounds.ts';
import { CpuUse } from './cpu.ts';
import { DiskIo } from './disk-io.ts';
import { DiskSpace } from './disks.ts';
import { InterfaceTraffic } from './interfaces.ts';
import { readLoad } from './load.ts';
import { MemoryUse } from './memory.ts';
import { Temperatures } from './temperatures.ts';
import { readUptime } from './uptime.ts';

/** What is measured: a `sample` of the protocol without its number and time. */
export type Harvest = Omit<Sample, 'number' | 'at'>;

export interface SamplerOptions {
  /** What /proc, /sys and /etc stand under: '' on the machine itself, /host in a container that has them there. */
  root: string;
  /** Monotonic, in ms. */
  now: () => number;
}

/** Measures the machine. Shares and rates are those since the sample before, or, in the first, since the sampler was made. */
export class Sampler {
  readonly #root: string;
  readonly #now: () => number;
  readonly #cpu: CpuUse;
  readonly #memory: MemoryUse;
  readonly #disks: DiskSpace;
  readonly #io: DiskIo;
  readonly #interfaces: InterfaceTraffic;
  readonly #temperatures: Temperatures;

  constructor({ root, now }: SamplerOptions) {
    this.#root = root;
    this.#now = now;
    this.#cpu = new CpuUse(root);
    this.#memory = new MemoryUse(root);
    this.#disks = new DiskSpace(root);
    this.#io = new DiskIo(root);
    this.#interfaces = new InterfaceTraffic(root);
    this.#temperatures = new Temperatures(root);
    this.sample();
  }

  /** Never throws: what can't be read is 0, or is missing from its list. */
  sample(): Harvest {
    const now = this.#now();
    const root = this.#root;
    return {
      uptime: whole(attempt(() => readUptime(root), 0)),
      ...attempt(() => this.#cpu.read(), { cpu: 0, cores: [] }),
      load: attempt(() => readLoad(root), [0, 0, 0]),
      ...attempt(() => this.#memory.read(), { memory: { total: 0, available: 0 }, swap: { total: 0, free: 0 } }),
      disks: attempt(() => this.#disks.read(now), []),
      io: attempt(() => this.#io.read(now), []),
      interfaces: attempt(() => this.#interfaces.read(now), []),
      temperatures: attempt(() => this.#temperatures.read(now), []),
    };
  }
}
