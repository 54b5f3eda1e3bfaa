import type { Bench } from 'tinybench';
import { part } from './bench-part.ts';

export interface Rate {
  what: string;
  perSecond: number;
  /** half of the time it takes less */
  medianMicroseconds: number;
  /** once in a hundred it takes longer */
  p99Microseconds: number;
}

export const taskMs = 1000 * part;

const microseconds = (milliseconds: number): number => Number((milliseconds * 1000).toFixed(2));

export async function measured(bench: Bench): Promise<Rate[]> {
  const tasks = await bench.run();
  return tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
    const { mean, p50, p99 } = result.latency;
    return {
      what: name,
      perSecond: Math.round(1000 / mean),
      medianMicroseconds: microseconds(p50),
      p99Microseconds: microseconds(p99),
    };
  });
}
