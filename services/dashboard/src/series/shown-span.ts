const minuteMs = 60_000;
const leastMinutes = 5;

/**
 * Where charts of the last `minutes` before `to` begin: not before the node began, or a new node would be a speck at the
 * edge of an empty chart, but they show five minutes at least.
 */
export function shownSpan(minutes: number, to: number, began: number): number {
  return Math.max(to - minutes * minuteMs, Math.min(began, to - leastMinutes * minuteMs));
}
