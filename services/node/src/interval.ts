// How often this node samples, as its master said last. What was ordered earlier and comes later must not overtake it.

export class Interval {
  readonly #apply: (seconds: number) => void;
  #issued = 0;

  constructor(apply: (seconds: number) => void) {
    this.#apply = apply;
  }

  /** A join says it, at the master's time `atMs`: it holds, even if a master before had another time. */
  set(seconds: number, atMs: number): void {
    this.#apply(seconds);
    this.#issued = atMs;
  }

  /** @returns false where it was issued before the one that holds, and nothing has changed */
  order(seconds: number, issuedMs: number): boolean {
    if (issuedMs < this.#issued) return false;
    this.set(seconds, issuedMs);
    return true;
  }
}
