// The master's time, told by WELCOME and ACK and carried on by the machine's monotonic clock: a Pi starts without a right one.

export class MasterClock {
  readonly #monotonic: () => number;
  #offset: number | undefined;

  /** `monotonic` counts milliseconds since boot. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The master said that it is `timeMs` now. */
  set(timeMs: number): void {
    this.#offset = timeMs - this.#monotonic();
  }

  /** Milliseconds since 1970; before the first word of the master, the machine's own. */
  now(): number {
    return this.at(this.#monotonic()) ?? Date.now();
  }

  /** When `monotonicMs` of this boot was, or undefined before the first word of the master. */
  at(monotonicMs: number): number | undefined {
    return this.#offset === undefined ? undefined : Math.max(0, Math.round(this.#offset + monotonicMs));
  }
}
