/** So much at once, and so much a second in the long run. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #left: number;
  #at: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#at = nowMs;
  }

  /** @returns whether `amount` was there, and is taken */
  takeIfThere(amount: number, nowMs: number): boolean {
    const isThere = this.wait(amount, nowMs) === 0;
    if (isThere) this.take(amount, nowMs);
    return isThere;
  }

  /** @returns milliseconds until `amount` is there */
  wait(amount: number, nowMs: number): number {
    this.take(0, nowMs);
    return Math.max(0, ((amount - this.#left) / this.#rate.perSecond) * 1000);
  }

  /** Takes `amount` in any case, and goes into debt for it. @returns milliseconds until there is no debt */
  take(amount: number, nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    const gained = ((nowMs - this.#at) / 1000) * perSecond;
    this.#left = Math.min(burst, this.#left + gained) - amount;
    this.#at = nowMs;
    return this.#left >= 0 ? 0 : (-this.#left / perSecond) * 1000;
  }
}
