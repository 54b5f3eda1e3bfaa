// Who may fetch large files: so many a while from one address, and so many at a time from one and from all.
import { TokenBucket } from '@sealcast/hop/front/token-bucket';
import { addressGroup } from './address-group.ts';

/** A site of many machines behind one address installs them all. */
const rate = { perSecond: 1, burst: 120 };
const addressesMax = 10_000;
const atATimeOfOne = 16;
const atATimeOfAll = 64;
/** Until one of those that are under way has ended. */
const busyMs = 5000;

export class DownloadLimits {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #underWay = new Map<string, number>();
  #all = 0;

  /** Gives what has to be called at the end of the download, or the milliseconds to wait for it. */
  begin(address: string, nowMs: number): (() => void) | number {
    const group = addressGroup(address);
    const waitMs = this.#bucket(group, nowMs).take(1, nowMs);
    // The next one has to be paid for as well.
    if (waitMs > 0) return waitMs + 1000 / rate.perSecond;
    const own = this.#underWay.get(group) ?? 0;
    if (own >= atATimeOfOne || this.#all >= atATimeOfAll) return busyMs;
    this.#underWay.set(group, own + 1);
    this.#all += 1;
    return () => this.#end(group);
  }

  #end(group: string): void {
    const left = (this.#underWay.get(group) ?? 1) - 1;
    if (left > 0) this.#underWay.set(group, left);
    else this.#underWay.delete(group);
    this.#all -= 1;
  }

  /** The one that was asked for longest ago goes where there are too many. */
  #bucket(group: string, nowMs: number): TokenBucket {
    const bucket = this.#buckets.get(group) ?? new TokenBucket(rate, nowMs);
    this.#buckets.delete(group);
    this.#buckets.set(group, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > addressesMax && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
