// What libzmq holds of each connection. It bounds a frame and the number of messages, not the frames of a message, and CURVE hides
// where a message ends: so what went in is compared with what came out as messages. Which connection a message came from libzmq does
// not tell; its size does, well enough: of those who wait for one of that size it is taken to be the one with least under way, and as
// a connection keeps its order, all that it sent before has been delivered too.
import { frameCost } from './limits.ts';

/** One connection's. */
export interface Holder {
  /** Some of it was delivered. */
  released(): void;
}

interface Held {
  sizes: number[];
  cost: number;
}

export class Undelivered {
  readonly #overhead: number;
  readonly #held = new Map<Holder, Held>();
  readonly #waiting = new Map<number, Set<Holder>>();

  /** @param overhead bytes that the mechanism adds to a frame on the wire */
  constructor(overhead: number) {
    this.#overhead = overhead;
  }

  /** A frame with a body of `size` bytes goes in. */
  began(holder: Holder, size: number): void {
    const held = this.#held.get(holder) ?? { sizes: [], cost: 0 };
    this.#held.set(holder, held);
    held.sizes.push(size);
    held.cost += size + frameCost;
    const waiting = this.#waiting.get(size) ?? new Set();
    this.#waiting.set(size, waiting.add(holder));
  }

  /** A frame of a message came out with `length` bytes. */
  delivered(length: number): void {
    const size = length + this.#overhead;
    let least: Holder | undefined;
    for (const holder of this.#waiting.get(size) ?? [])
      if (least === undefined || this.cost(holder) < this.cost(least)) least = holder;
    const held = least === undefined ? undefined : this.#held.get(least);
    if (least === undefined || held === undefined) return;
    const gone = held.sizes.splice(0, held.sizes.indexOf(size) + 1);
    for (const one of gone) held.cost -= one + frameCost;
    for (const one of new Set(gone)) if (!held.sizes.includes(one)) this.#waits(one, least);
    least.released();
  }

  /** What went in of `holder` and did not come out. */
  cost(holder: Holder): number {
    return this.#held.get(holder)?.cost ?? 0;
  }

  forget(holder: Holder): void {
    for (const size of this.#held.get(holder)?.sizes ?? []) this.#waits(size, holder);
    this.#held.delete(holder);
  }

  #waits(size: number, holder: Holder): void {
    const waiting = this.#waiting.get(size);
    waiting?.delete(holder);
    if (waiting?.size === 0) this.#waiting.delete(size);
  }
}
