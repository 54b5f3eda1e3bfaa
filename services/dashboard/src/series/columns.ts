import type { History, Metric, Sample } from '../api/types.ts';
import { continues, outages } from './outages.ts';

export const metrics = [
  'cpu',
  'memory',
  'swap',
  'disk',
  'received',
  'sent',
  'read',
  'written',
  'temperature',
  'load',
] as const satisfies readonly Metric[];

export type Row = Record<Metric, number | null>;

function rowFrom(of: (metric: Metric) => number | null): Row {
  return {
    cpu: of('cpu'),
    memory: of('memory'),
    swap: of('swap'),
    disk: of('disk'),
    received: of('received'),
    sent: of('sent'),
    read: of('read'),
    written: of('written'),
    temperature: of('temperature'),
    load: of('load'),
  };
}

const nothing = rowFrom(() => null);

export function emptyHistory(): History {
  return {
    at: [],
    cpu: [],
    memory: [],
    swap: [],
    disk: [],
    received: [],
    sent: [],
    read: [],
    written: [],
    temperature: [],
    load: [],
  };
}

function push(history: History, at: number, row: Row): void {
  history.at.push(at);
  for (const metric of metrics) history[metric].push(row[metric]);
}

export function rowAt(history: History, index: number): Row {
  return rowFrom((metric) => history[metric][index] ?? null);
}

/**
 * The same history with one row of nulls in every outage, so that whatever draws it only has to stop at nulls. The master
 * marks outages too, but by the interval that a node has now; its marks are taken out.
 */
export function withOutages(history: History, intervalMs: number): History {
  const heard = history.at.flatMap((at, i) => (metrics.some((m) => history[m][i] !== null) ? [{ at, i }] : []));
  const times = heard.map(({ at }) => at);
  const holes = new Set(outages(times, intervalMs));
  const whole = emptyHistory();
  for (const [place, { at, i }] of heard.entries()) {
    if (holes.has(place)) push(whole, (at + (times[place - 1] ?? at)) / 2, nothing);
    push(whole, at, rowAt(history, i));
  }
  return whole;
}

function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value);
}

/** The share that is taken, in percent; null where there is nothing to take from (a machine without swap). */
export function takenShare(total: number, left: number): number | null {
  return total > 0 ? (100 * Math.max(0, total - left)) / total : null;
}

/** The disk with the largest taken share. */
export function fullestDisk(sample: Sample): { mount: string; share: number; used: number; total: number } | null {
  let fullest: { mount: string; share: number; used: number; total: number } | null = null;
  for (const { mount, total, free } of sample.disks) {
    const share = takenShare(total, free);
    if (share !== null && share > (fullest?.share ?? -1)) fullest = { mount, share, used: total - free, total };
  }
  return fullest;
}

export function hottest(sample: Sample): { name: string; celsius: number } | null {
  return sample.temperatures.reduce<{ name: string; celsius: number } | null>(
    (found, sensor) => (found === null || sensor.celsius > found.celsius ? sensor : found),
    null,
  );
}

/** A sample as a row of the history, by the rules that the master's history has. */
export function rowOf(sample: Sample): Row {
  const wires = sample.interfaces.filter(({ name }) => name !== 'lo');
  return {
    cpu: sample.cpu,
    memory: takenShare(sample.memory.total, sample.memory.available),
    swap: takenShare(sample.swap.total, sample.swap.free),
    disk: fullestDisk(sample)?.share ?? null,
    received: sum(wires.map(({ received }) => received)),
    sent: sum(wires.map(({ sent }) => sent)),
    read: sum(sample.io.map(({ read }) => read)),
    written: sum(sample.io.map(({ written }) => written)),
    temperature: hottest(sample)?.celsius ?? null,
    load: sample.load[0] ?? null,
  };
}

/**
 * Adds a sample at the end and forgets what is older than `windowMs`. A sample that is not newer, or comes sooner than
 * half of `stepMs` after the last (a long history is coarser than the reports), is left out. Says whether it was added.
 */
export function append(
  history: History,
  sample: Sample,
  { intervalMs, stepMs, windowMs }: { intervalMs: number; stepMs: number; windowMs: number },
): boolean {
  const last = history.at.at(-1);
  if (last !== undefined && sample.at - last <= stepMs / 2) return false;
  if (last !== undefined && !continues(history.at, sample.at, Math.max(intervalMs, stepMs))) {
    push(history, (last + sample.at) / 2, nothing);
  }
  push(history, sample.at, rowOf(sample));
  const oldest = sample.at - windowMs;
  const stale = history.at.findIndex((at) => at >= oldest);
  if (stale > 0) {
    history.at.splice(0, stale);
    for (const metric of metrics) history[metric].splice(0, stale);
  }
  return true;
}

/** The index of the time nearest to `at` that is at most `withinMs` away, or -1. */
export function nearest(times: readonly number[], at: number, withinMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  const candidates = [low - 1, low].filter((i) => Math.abs((times[i] ?? Infinity) - at) <= withinMs);
  return candidates.toSorted((a, b) => Math.abs((times[a] ?? 0) - at) - Math.abs((times[b] ?? 0) - at))[0] ?? -1;
}
