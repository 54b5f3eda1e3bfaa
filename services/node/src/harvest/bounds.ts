// Numbers as the protocol's `sample` takes them: finite, inside their limits, never -0, and no finer than they are true.

const maxRate = 1e15;

export function whole(value: number): number {
  return Number.isNaN(value) ? 0 : Math.floor(Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER));
}

export function percent(share: number): number {
  return tenth(Number.isNaN(share) ? 0 : Math.min(Math.max(share * 100, 0), 100));
}

export function rate(perSecond: number): number {
  return Number.isNaN(perSecond) ? 0 : Math.round(Math.min(Math.max(perSecond, 0), maxRate));
}

/** The kernel says the load to a hundredth. */
export function load(value: number): number {
  return Number.isNaN(value) ? 0 : Math.round(Math.min(Math.max(value, 0), maxRate) * 100) / 100;
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10 + 0; // -0 + 0 is 0
}
