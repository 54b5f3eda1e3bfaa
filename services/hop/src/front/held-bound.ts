// Bounds what libzmq holds: of all, of those from one address, and of those with one hop key, so that who fills its share keeps nobody else
// waiting, not by coming and going either. At a bound nobody whom it is for is read from, so it can't grow. Where all that is whole has
// come out and it does not shrink, messages that never end fill it: who can hold the most of them is cut, one after another.
import type { CutReason } from './cuts.ts';
import { HeldInAll } from './held-in-all.ts';
import { HeldShare } from './held-share.ts';
import { perHopKey, settleMs, undeliveredMax } from './limits.ts';

export interface Sender {
  /** What the limits for one address count by. */
  readonly group: string;
  /** In hexadecimal, where ZAP has let it in with one. */
  readonly hopKey: string | undefined;
  /** Whether it carries a whole site. */
  readonly isRelay: boolean;
  /** Nothing more is read of it, until it is released. */
  hold(): void;
  release(): void;
  cut(reason: CutReason): void;
}

type Share = HeldShare<Sender>;

export interface HeldBoundOptions {
  /** Bytes that the mechanism adds to a frame on the wire. */
  overhead: number;
  /** For all, in bytes, with what libzmq adds to each frame. */
  max: number;
  /** For one address, or one /64 of IPv6. */
  perAddress?: number;
  /** For one hop key; a relay has a whole site's, and is bounded by its address alone. */
  perKey?: number;
  /** Calls `then` soon where no whole message waits in libzmq, and else not at all. */
  ifEmpty: (then: () => void) => void;
}

const lookMs = 250;
/**
 * Two hundred nodes behind one address, each with a long report and its two repeats under way to a master that stalls, are below it; and
 * below half of it, at which they are released, where each was stopped in the middle of a frame, however large.
 */
const heldPerAddress = 33_554_432;
/** What its connections may hold, and what as many that are gone may have held. */
const heldPerKey = 2 * perHopKey * undeliveredMax;

export class HeldBound {
  readonly #held: HeldInAll<Sender>;
  readonly #perAddress: number;
  readonly #perKey: number;
  readonly #ifEmpty: HeldBoundOptions['ifEmpty'];
  readonly #all: Share;
  readonly #addresses = new Map<string, Share>();
  readonly #keys = new Map<string, Share>();
  readonly #sharesOf = new Map<Sender, readonly Share[]>();
  readonly #full = new Set<Share>();
  /** Since when they are gone. Their whole messages may still come out, and are not to be taken for somebody else's. */
  readonly #gone = new Map<Sender, number>();
  #looking: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ overhead, max, perAddress = heldPerAddress, perKey = heldPerKey, ifEmpty }: HeldBoundOptions) {
    this.#held = new HeldInAll(overhead, (sender, by) => {
      for (const share of this.#shares(sender)) share.cost += by;
    });
    this.#all = new HeldShare<Sender>(max);
    this.#perAddress = Math.min(max, perAddress);
    this.#perKey = Math.min(max, perKey);
    this.#ifEmpty = ifEmpty;
  }

  get total(): number {
    return this.#held.total;
  }

  admitted(sender: Sender): void {
    const { group, hopKey, isRelay } = sender;
    const shares = [this.#all, shareIn(this.#addresses, group, this.#perAddress)];
    if (hopKey !== undefined && !isRelay) shares.push(shareIn(this.#keys, hopKey, this.#perKey));
    for (const { members } of shares) members.add(sender);
    this.#sharesOf.set(sender, shares);
    if (this.#isToWait(sender)) sender.hold();
  }

  /** A frame with a body of `size` bytes goes in. */
  began(sender: Sender, size: number): void {
    this.#held.began(sender, size);
    for (const share of this.#shares(sender)) {
      if (share.fullSince !== undefined || this.#costOf(share) <= share.max) continue;
      share.fullSince = performance.now();
      this.#full.add(share);
      for (const one of share.members) one.hold();
      this.#look();
    }
  }

  /** A frame of a message came out with `length` bytes. */
  delivered(length: number): void {
    this.#held.delivered(length);
    this.#release();
  }

  left(sender: Sender): void {
    if (this.#gone.has(sender)) return;
    if (this.#held.possible(sender) === 0) return this.#forget(sender);
    this.#gone.set(sender, performance.now());
    this.#look();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#looking);
  }

  #shares(sender: Sender): readonly Share[] {
    return this.#sharesOf.get(sender) ?? [];
  }

  // Of all it is known better than by what each can hold at most.
  #costOf(share: Share): number {
    return share === this.#all ? this.total : share.cost;
  }

  #isToWait(sender: Sender): boolean {
    return this.#shares(sender).some(({ fullSince }) => fullSince !== undefined);
  }

  #release(): void {
    for (const share of this.#full) {
      if (this.#costOf(share) > share.max / 2) continue;
      share.fullSince = undefined;
      this.#full.delete(share);
      for (const one of share.members) if (!this.#isToWait(one)) one.release();
    }
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
    for (const [sender, atMs] of this.#gone) if (nowMs - atMs >= settleMs) this.#forget(sender);
    this.#release();
    for (const share of this.#full)
      if (share.fullSince !== undefined && nowMs - share.fullSince >= settleMs) this.#cutGreatest(share);
    if (this.#full.size > 0 || this.#gone.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #cutGreatest(share: Share): void {
    let left = this.#costOf(share);
    const here: { sender: Sender; possible: number }[] = [];
    for (const sender of share.members) {
      const possible = this.#held.possible(sender);
      if (this.#gone.has(sender)) left -= possible;
      else here.push({ sender, possible });
    }
    for (const { sender, possible } of here.toSorted((a, b) => b.possible - a.possible)) {
      if (left <= share.max / 2) return;
      left -= possible;
      sender.cut('cut.unfinished');
      this.left(sender);
    }
  }

  #forget(sender: Sender): void {
    this.#gone.delete(sender);
    this.#held.gone(sender);
    for (const { members } of this.#shares(sender)) members.delete(sender);
    this.#sharesOf.delete(sender);
    dropEmpty(this.#addresses, sender.group);
    if (sender.hopKey !== undefined) dropEmpty(this.#keys, sender.hopKey);
  }
}

function shareIn(shares: Map<string, Share>, name: string, max: number): Share {
  const share = shares.get(name) ?? new HeldShare<Sender>(max);
  shares.set(name, share);
  return share;
}

function dropEmpty(shares: Map<string, Share>, name: string): void {
  if (shares.get(name)?.members.size === 0) shares.delete(name);
}
