export interface Bucket {
  /** Its place from the left, 0 to count - 1. */
  place: number;
  mean: number;
  high: number;
}

/**
 * A series as a line of at most `count` places between two times: mean and highest of each, in runs. A run ends where
 * the series holds a null. Places that no sample fell into are left out of a run, and the line passes over them.
 */
export function buckets(
  at: readonly number[],
  values: readonly (number | null)[],
  from: number,
  to: number,
  count: number,
): Bucket[][] {
  const runs: Bucket[][] = [];
  let run: Bucket[] | undefined;
  let samples = 0;
  for (const [i, time] of at.entries()) {
    const value = values[i];
    if (value === null || value === undefined) {
      run = undefined;
      continue;
    }
    if (time < from || time > to) continue;
    const place = Math.min(count - 1, Math.floor(((time - from) / (to - from)) * count));
    if (run === undefined) runs.push((run = []));
    const last = run.at(-1);
    if (last?.place === place) {
      samples += 1;
      last.mean += (value - last.mean) / samples;
      last.high = Math.max(last.high, value);
    } else {
      samples = 1;
      run.push({ place, mean: value, high: value });
    }
  }
  return runs;
}
