// How much each address may say on the join ports.
import { joinRate } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Who said nothing for so long has the whole burst again. */
const forgottenMs = 30_000;

export class JoinRates {
  /** By what limits for one address count by; who spoke last, last. */
  readonly #buckets = new Map<string, { bucket: TokenBucket; spokeMs: number }>();

  /** @returns milliseconds until `group` may say more; 0 where it may now */
  wait(group: string, nowMs: number): number {
    return this.#buckets.get(group)?.bucket.take(0, nowMs) ?? 0;
  }

  take(group: string, cost: number, nowMs: number): void {
    const bucket = this.#buckets.get(group)?.bucket ?? new TokenBucket(joinRate, nowMs);
    bucket.take(cost, nowMs);
    this.#buckets.delete(group);
    this.#buckets.set(group, { bucket, spokeMs: nowMs });
    for (const [quiet, { spokeMs }] of this.#buckets) {
      if (nowMs - spokeMs < forgottenMs) return;
      this.#buckets.delete(quiet);
    }
  }
}
