// Some senders, and what they may have libzmq hold: all of them, those from one address, or those with one hop key.
export class HeldShare<One> {
  /** Bytes, with what libzmq adds to each frame. */
  readonly max: number;
  /** Those that are gone too, while what they sent may be held. */
  readonly members = new Set<One>();
  /** What its members can hold at most. */
  cost = 0;
  fullSince: number | undefined;

  constructor(max: number) {
    this.max = max;
  }
}
