import { percent } from './bounds.ts';
import { readText } from './reading.ts';

interface Times {
  busy: number;
  idle: number;
  iowait: number;
}

const maxCores = 1024;

/**
 * How busy the processors were since the reading before, from /proc/stat (proc_stat(5)). Busy is everything but idle and
 * iowait: a core that waits for a disk is free for other work. Steal is busy, as in htop: the machine could not use
 * it. Guest time stands in user and nice already, and is not added again.
 */
export class CpuUse {
  readonly #path: string;
  #all: Times | undefined;
  #cores: (Times | undefined)[] = [];

  constructor(root: string) {
    this.#path = `${root}/proc/stat`;
  }

  /** `cores` is indexed by the core's number; one that is offline stands in it as 0. */
  read(): { cpu: number; cores: number[] } {
    const text = readText(this.#path) ?? '';
    const end = text.indexOf('\nintr ');
    let cpu = 0;
    const cores: number[] = [];
    const times: (Times | undefined)[] = [];
    for (const line of (end < 0 ? text : text.slice(0, end)).split('\n')) {
      if (!line.startsWith('cpu')) continue;
      const space = line.indexOf(' ');
      if (space < 0) continue;
      const now = parseTimes(line.slice(space).trim().split(' '));
      if (space === 3) {
        cpu = busyShare(this.#all, now);
        this.#all = now;
        continue;
      }
      const core = Number(line.slice(3, space));
      if (!Number.isInteger(core) || core < 0 || core >= maxCores) continue;
      while (cores.length < core) cores.push(0);
      cores[core] = busyShare(this.#cores[core], now);
      times[core] = now;
    }
    this.#cores = times;
    return { cpu, cores };
  }
}

function parseTimes(fields: string[]): Times {
  const field = (i: number) => Number(fields[i] ?? 0);
  // user, nice, system, idle, iowait, irq, softirq, steal
  return { busy: field(0) + field(1) + field(2) + field(5) + field(6) + field(7), idle: field(3), iowait: field(4) };
}

// The kernel's idle and iowait may step back by themselves; a step back counts as none, so that it can't look like work.
function busyShare(before: Times | undefined, now: Times): number {
  if (before === undefined) return 0;
  const busy = Math.max(now.busy - before.busy, 0);
  const free = Math.max(now.idle - before.idle, 0) + Math.max(now.iowait - before.iowait, 0);
  return busy === 0 ? 0 : percent(busy / (busy + free));
}
