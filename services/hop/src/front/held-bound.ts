// Bounds what libzmq holds in all. At the bound nobody on the data port is read from, so it can't grow. Where all that is whole has come
// out and it does not shrink, messages that never end fill it: who can hold the most of them is cut, one after another.
import type { CutReason } from './cuts.ts';
import { HeldInAll } from './held-in-all.ts';
import { settleMs } from './limits.ts';

export interface Sender {
  /** Nothing more is read of it, until it is released. */
  hold(): void;
  release(): void;
  cut(reason: CutReason): void;
}

export interface HeldBoundOptions {
  /** Bytes that the mechanism adds to a frame on the wire. */
  overhead: number;
  /** Bytes, with what libzmq adds to each frame. */
  max: number;
  /** Calls `then` soon where no whole message waits in libzmq, and else not at all. */
  ifEmpty: (then: () => void) => void;
}

const lookMs = 250;

export class HeldBound {
  readonly #held: HeldInAll<Sender>;
  readonly #max: number;
  readonly #ifEmpty: HeldBoundOptions['ifEmpty'];
  readonly #senders = new Set<Sender>();
  /** Since when they are gone. Their whole messages may still come out, and are not to be taken for somebody else's. */
  readonly #gone = new Map<Sender, number>();
  #fullSince: number | undefined;
  #looking: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ overhead, max, ifEmpty }: HeldBoundOptions) {
    this.#held = new HeldInAll(overhead);
    this.#max = max;
    this.#ifEmpty = ifEmpty;
  }

  get total(): number {
    return this.#held.total;
  }

  admitted(sender: Sender): void {
    this.#senders.add(sender);
    if (this.#fullSince !== undefined) sender.hold();
  }

  /** A frame with a body of `size` bytes goes in. */
  began(sender: Sender, size: number): void {
    this.#held.began(sender, size);
    if (this.#fullSince !== undefined || this.total <= this.#max) return;
    this.#fullSince = performance.now();
    for (const one of this.#senders) one.hold();
    this.#look();
  }

  /** A frame of a message came out with `length` bytes. */
  delivered(length: number): void {
    this.#held.delivered(length);
    this.#release();
  }

  left(sender: Sender): void {
    this.#senders.delete(sender);
    if (this.#gone.has(sender)) return;
    if (this.#held.possible(sender) === 0) return this.#held.gone(sender);
    this.#gone.set(sender, performance.now());
    this.#look();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#looking);
  }

  #release(): void {
    if (this.#fullSince === undefined || this.total > this.#max / 2) return;
    this.#fullSince = undefined;
    for (const one of this.#senders) one.release();
  }

  #look(): void {
    if (this.#isClosed) return;
    this.#looking ??= setInterval(() => {
      const nowMs = performance.now();
      this.#ifEmpty(() => this.#settle(nowMs));
    }, lookMs);
  }

  // Of what had come to libzmq `settleMs` before `nowMs`, nothing is whole.
  #settle(nowMs: number): void {
    for (const [sender, atMs] of this.#gone) {
      if (nowMs - atMs < settleMs) continue;
      this.#gone.delete(sender);
      this.#held.gone(sender);
    }
    this.#release();
    if (this.#fullSince !== undefined && nowMs - this.#fullSince >= settleMs) this.#cutGreatest();
    if (this.#fullSince !== undefined || this.#gone.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #cutGreatest(): void {
    let left = this.total;
    for (const sender of this.#gone.keys()) left -= this.#held.possible(sender);
    const greatestFirst = [...this.#senders]
      .map((sender) => ({ sender, possible: this.#held.possible(sender) }))
      .toSorted((a, b) => b.possible - a.possible);
    for (const { sender, possible } of greatestFirst) {
      if (left <= this.#max / 2) return;
      left -= possible;
      sender.cut('cut.unfinished');
      this.left(sender);
    }
  }
}
