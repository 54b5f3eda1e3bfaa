// What libzmq holds of the data port in all: at least that much, whoever sent it, and nobody can make it less. Of each size it is what went
// in less what came out. Heartbeats go in too, which under CURVE nobody can tell, and never come out: they are struck off where a
// connection's later frames have come out beyond doubt. Of a size no connection holds more than is held of all, and as each keeps its order,
// the oldest that it has sent above that are out, and so is what it sent before them. So a frame that stays for ever keeps one of its size
// in each list, and no more.
import { frameCost } from './limits.ts';

interface OfOneSize<One> {
  /** No more than so many are held, of all. */
  held: number;
  /** How many have been sent that may be held. */
  sent: number;
  senders: Set<One>;
}

/** What one has sent that may be held: in its order, and how many of each size. */
interface Sent {
  sizes: number[];
  counts: Map<number, number>;
  /** Bytes, with what libzmq adds to each frame. */
  cost: number;
}

export class HeldInAll<One> {
  readonly #overhead: number;
  readonly #sizes = new Map<number, OfOneSize<One>>();
  readonly #sent = new Map<One, Sent>();
  readonly #changed: (one: One, by: number) => void;
  #total = 0;

  /**
   * @param overhead bytes that the mechanism adds to a frame on the wire
   * @param changed hears of what changes in what one can hold at most
   */
  constructor(overhead: number, changed: (one: One, by: number) => void = () => undefined) {
    this.#overhead = overhead;
    this.#changed = changed;
  }

  /** Bytes, with what libzmq adds to each frame. */
  get total(): number {
    return this.#total;
  }

  /** A frame with a body of `size` bytes goes in. */
  began(one: One, size: number): void {
    const sent = this.#sent.get(one) ?? { sizes: [], counts: new Map<number, number>(), cost: 0 };
    this.#sent.set(one, sent);
    sent.sizes.push(size);
    sent.counts.set(size, (sent.counts.get(size) ?? 0) + 1);
    const all = this.#sizes.get(size) ?? { held: 0, sent: 0, senders: new Set<One>() };
    this.#sizes.set(size, all);
    all.held += 1;
    all.sent += 1;
    all.senders.add(one);
    this.#total += costOf(size);
    this.#costs(one, sent, costOf(size));
  }

  /** A frame of a message came out with `length` bytes. */
  delivered(length: number): void {
    const size = length + this.#overhead;
    const all = this.#sizes.get(size);
    if (all === undefined) return;
    this.#lower(size, all, all.held - 1);
    for (const one of all.senders) {
      const sent = this.#sent.get(one);
      if (sent !== undefined) this.#strike(one, endOf(sent.sizes, size, (sent.counts.get(size) ?? 0) - all.held));
    }
  }

  /** What it can hold at most. */
  possible(one: One): number {
    return this.#sent.get(one)?.cost ?? 0;
  }

  /** Nothing of it can come any more. */
  gone(one: One): void {
    this.#strike(one, this.#sent.get(one)?.sizes.length ?? 0);
  }

  // Its first `count` frames are not held.
  #strike(one: One, count: number): void {
    const sent = this.#sent.get(one);
    if (sent === undefined) return;
    const struck = sent.sizes.splice(0, count);
    if (struck.length > 0) this.#costs(one, sent, -struck.reduce((sum, size) => sum + costOf(size), 0));
    for (const size of struck) {
      const left = (sent.counts.get(size) ?? 0) - 1;
      const all = this.#sizes.get(size);
      if (left > 0) sent.counts.set(size, left);
      else {
        sent.counts.delete(size);
        all?.senders.delete(one);
      }
      if (all === undefined) continue;
      all.sent -= 1;
      // As many as may be held are the most that are held.
      if (all.held > all.sent) this.#lower(size, all, all.sent);
      if (all.sent === 0) this.#sizes.delete(size);
    }
    if (sent.sizes.length === 0) this.#sent.delete(one);
  }

  #costs(one: One, sent: Sent, by: number): void {
    sent.cost += by;
    this.#changed(one, by);
  }

  #lower(size: number, all: OfOneSize<One>, held: number): void {
    this.#total -= (all.held - held) * costOf(size);
    all.held = held;
  }
}

/** How many of `sizes` there are up to the `nth` that is `size`; 0 where `nth` is not above 0. */
function endOf(sizes: readonly number[], size: number, nth: number): number {
  let end = 0;
  for (let left = nth; left > 0; left -= 1) end = sizes.indexOf(size, end) + 1;
  return end;
}

function costOf(size: number): number {
  return size + frameCost;
}
