// What charts draw of a sample: one number each, or null where the machine does not tell.
import type { Sample } from '../fleet/views.ts';

type ChartValue = number | null;

export interface ChartColumns {
  cpu: ChartValue;
  memory: ChartValue;
  swap: ChartValue;
  disk: ChartValue;
  received: ChartValue;
  sent: ChartValue;
  read: ChartValue;
  written: ChartValue;
  temperature: ChartValue;
  load: ChartValue;
}

/** How the samples of one point become one value: what runs hot or full must not hide in an average. */
export const chartColumns = [
  { name: 'cpu', merge: 'avg' },
  { name: 'memory', merge: 'avg' },
  { name: 'swap', merge: 'avg' },
  { name: 'disk', merge: 'max' },
  { name: 'received', merge: 'avg' },
  { name: 'sent', merge: 'avg' },
  { name: 'read', merge: 'avg' },
  { name: 'written', merge: 'avg' },
  { name: 'temperature', merge: 'max' },
  { name: 'load', merge: 'avg' },
] as const satisfies { name: keyof ChartColumns; merge: 'avg' | 'max' }[];

export function chartValues({ cpu, load, memory, swap, disks, io, interfaces, temperatures }: Sample): ChartColumns {
  const wires = interfaces.filter(({ name }) => name !== 'lo');
  return {
    cpu,
    memory: percentUsed(memory.total, memory.available),
    swap: percentUsed(swap.total, swap.free),
    disk: highest(disks.map(({ total, free }) => percentUsed(total, free))),
    received: sum(wires.map(({ received }) => received)),
    sent: sum(wires.map(({ sent }) => sent)),
    read: sum(io.map(({ read }) => read)),
    written: sum(io.map(({ written }) => written)),
    temperature: highest(temperatures.map(({ celsius }) => celsius)),
    load: load[0],
  };
}

/** A machine may say that more is free than there is; that is none used. */
function percentUsed(total: number, free: number): ChartValue {
  return total === 0 ? null : (100 * Math.max(0, total - free)) / total;
}

function highest(values: ChartValue[]): ChartValue {
  return values.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
}

function sum(values: number[]): ChartValue {
  return values.length === 0 ? null : values.reduce((a, b) => a + b);
}
