// Whose words on the join port libzmq takes next. It keeps what it has taken, also of those who have gone, until the server has heard it:
// so it is given little at a time, and the rest waits at its connections. Of those who wait each address has as much as any other, by what
// it costs libzmq (self-clocked fair queueing, Golestani 1994): a crowd of many connections keeps others waiting no longer than its
// addresses do.
import { frameCost, joinUnderWay } from './limits.ts';

export interface Joiner {
  /** What the limits for one address count by. */
  readonly group: string;
  /** Its turn has come: it says what it has, and calls `said` where that goes on to libzmq. */
  joinTurn(): void;
}

/** What a frame's header takes at most. */
const headerMax = 9;
/** Where nothing came out for so long, libzmq holds nothing: heartbeats and torn frames never come out. */
const quietMs = 50;
/** Addresses whose share is remembered. */
const remembered = 4096;

export class JoinTurns {
  readonly #overhead: number;
  /** Its place in the order, in bytes. */
  readonly #waiting = new Map<Joiner, number>();
  /** The last place of each group while anybody waits; who came last, last. */
  readonly #last = new Map<string, number>();
  /** The place that was served last. */
  #place = 0;
  /** Bytes that libzmq may hold. */
  #underWay = 0;
  #isBusy = false;
  #hasRested = false;
  #isServing = false;
  #looking: NodeJS.Timeout | undefined;

  /** @param overhead bytes that the mechanism adds to a frame on the wire */
  constructor(overhead: number) {
    this.#overhead = overhead;
  }

  /** @returns whether `one` may say now what takes `cost` bytes; otherwise `joinTurn` is called when it may */
  come(one: Joiner, cost: number): boolean {
    if (this.#waiting.size === 0 && this.#underWay < joinUnderWay) return true;
    this.#waiting.set(one, this.#placeFor(one.group, cost));
    this.#look();
    return false;
  }

  /** It waits no longer. */
  leave(one: Joiner): void {
    if (!this.#waiting.delete(one) || this.#waiting.size > 0) return;
    this.#last.clear();
    clearTimeout(this.#looking);
    this.#looking = undefined;
  }

  /** `cost` bytes go on to libzmq. */
  said(cost: number): void {
    this.#underWay += cost;
  }

  /** A frame of a message came out with `length` bytes. */
  delivered(length: number): void {
    this.#hasRested = false;
    this.#underWay = Math.max(0, this.#underWay - length - this.#overhead - headerMax - frameCost);
    this.#serve();
  }

  /** The server waits for whoever takes what was said, or does so no more. */
  handling(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#hasRested = false;
  }

  #placeFor(group: string, cost: number): number {
    const place = Math.max(this.#place, this.#last.get(group) ?? 0) + cost;
    this.#last.delete(group);
    this.#last.set(group, place);
    const [oldest] = this.#last.keys();
    if (this.#last.size > remembered && oldest !== undefined) this.#last.delete(oldest);
    return place;
  }

  #serve(): void {
    // Who has its turn may be cut by it, and leave.
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#underWay < joinUnderWay && this.#waiting.size > 0) this.#serveFirst();
    this.#isServing = false;
  }

  #serveFirst(): void {
    let first: Joiner | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [one, place] of this.#waiting) {
      if (place >= least) continue;
      least = place;
      first = one;
    }
    if (first === undefined) return;
    this.#place = least;
    this.leave(first);
    first.joinTurn();
  }

  #look(): void {
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      if (this.#hasRested && !this.#isBusy) this.#underWay = 0;
      this.#hasRested = true;
      this.#serve();
      if (this.#waiting.size > 0) this.#look();
    }, quietMs);
  }
}
