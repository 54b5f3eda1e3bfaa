// How much each address may say of one kind: what is said to join, and what is subscribed to.
import { type Rate, TokenBucket } from './token-bucket.ts';

export class AddressRates {
  readonly #rate: Rate;
  /** Who said nothing for so long has the whole burst again. */
  readonly #forgottenMs: number;
  /** By what limits for one address count by; who spoke last, last. */
  readonly #buckets = new Map<string, { bucket: TokenBucket; spokeMs: number }>();

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#forgottenMs = (rate.burst / rate.perSecond) * 1000;
  }

  /** @returns milliseconds until `group` may say more; 0 where it may now */
  wait(group: string, nowMs: number): number {
    return this.#buckets.get(group)?.bucket.take(0, nowMs) ?? 0;
  }

  take(group: string, cost: number, nowMs: number): void {
    const bucket = this.#buckets.get(group)?.bucket ?? new TokenBucket(this.#rate, nowMs);
    bucket.take(cost, nowMs);
    this.#buckets.delete(group);
    this.#buckets.set(group, { bucket, spokeMs: nowMs });
    for (const [quiet, { bucket: old, spokeMs }] of this.#buckets) {
      if (nowMs - spokeMs < this.#forgottenMs) return;
      // One that is in debt has not its burst yet.
      if (old.take(0, nowMs) === 0) this.#buckets.delete(quiet);
    }
  }
}
