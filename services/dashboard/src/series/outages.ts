// An outage is a hole in the line, never a line drawn across it.

/** Shorter silences than this are the ordinary unevenness of sampling; a node is shown as away after as long. */
const leastMs = 30_000;
const neighbours = 3;
const tolerance = 2.5;

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * The places where the times stop: i is in the answer when nothing was heard for too long before at[i]. What is too long
 * follows the steps on either side, since the interval of a node can be changed at any time; `intervalMs` stands in where
 * there are no neighbours to learn from.
 */
export function outages(at: readonly number[], intervalMs: number): number[] {
  const steps = at.slice(1).map((time, i) => time - (at[i] ?? time));
  const found: number[] = [];
  for (const [i, step] of steps.entries()) {
    if (step <= leastMs) continue;
    const before = steps.slice(Math.max(0, i - neighbours), i);
    const after = steps.slice(i + 1, i + 1 + neighbours);
    const usual = Math.max(intervalMs, median(before), median(after));
    if (step > usual * tolerance) found.push(i + 1);
  }
  return found;
}

/** Whether a sample at `next` continues the series whose newest times are `at`. */
export function continues(at: readonly number[], next: number, intervalMs: number): boolean {
  const recent = [...at.slice(-neighbours - 1), next];
  return !outages(recent, intervalMs).includes(recent.length - 1);
}
