// PROTOCOL.md, Allowance: in whole thousandths of a message, of which one is what each millisecond brings sessionRate of.
const thousand = 1000n;
const sessionBurst = 128n * thousand;
const sessionRate = 32n;

export class TwinAllowance {
  #left = sessionBurst;
  #at: bigint;

  constructor(nowMs: number) {
    this.#at = BigInt(nowMs);
  }

  take(nowMs: number): boolean {
    const now = BigInt(nowMs);
    if (now > this.#at) this.#left += (now - this.#at) * sessionRate;
    if (this.#left > sessionBurst) this.#left = sessionBurst;
    this.#at = now;
    if (this.#left < thousand) return false;
    this.#left -= thousand;
    return true;
  }
}
