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

interface Download {
  group: string;
  cut: () => void;
}

export class DownloadLimits {
  readonly #buckets = new Map<string, TokenBucket>();
  /** The oldest first. */
  readonly #underWay = new Set<Download>();

  /**
   * @param cut ends the download, where it has to make room for another
   * @returns what has to be called at the end of the download, or the milliseconds to wait for it
   */
  begin(address: string, nowMs: number, cut: () => void): (() => void) | number {
    const group = addressGroup(address);
    const waitMs = this.#bucket(group, nowMs).take(1, nowMs);
    // The next one has to be paid for as well.
    if (waitMs > 0) return waitMs + 1000 / rate.perSecond;
    const own = [...this.#underWay].filter((one) => one.group === group).length;
    if (own >= atATimeOfOne) return busyMs;
    if (this.#underWay.size >= atATimeOfAll && !this.#makeRoom(own)) return busyMs;
    const download = { group, cut };
    this.#underWay.add(download);
    return () => void this.#underWay.delete(download);
  }

  /**
   * Cuts the oldest of the address that has the most. Who has none yet is given a place in any case, and others where they have fewer
   * with it than are left there.
   */
  #makeRoom(own: number): boolean {
    const groups = [...Map.groupBy(this.#underWay, ({ group }) => group).values()];
    const most = groups.reduce((largest, one) => (one.length > largest.length ? one : largest));
    const [oldest] = most;
    if (oldest === undefined || (own > 0 && own + 1 >= most.length)) return false;
    // Its place is free at once, and not only when its socket has closed.
    this.#underWay.delete(oldest);
    oldest.cut();
    return true;
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
