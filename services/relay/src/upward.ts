// Topics on their way up, slower than the hop above lets a relay speak: it cuts whoever says more, with the whole site behind.
import { frameCost, rateAt } from '@sealcast/hop/front/limits';
import { TokenBucket } from '@sealcast/hop/front/token-bucket';
import { frameOverhead } from '@sealcast/hop/options';
import { Topics } from './topics.ts';

/** A frame's header, the command's name, its topic, and what CURVE adds. */
const messageCost = 2 + 26 + frameOverhead.curve + frameCost;
/** Of what may be said above: heartbeats are said too, and two clocks never agree. */
const share = 0.75;
/** Of the burst: after the line was away all that is asked for is said again at once, and something has to be left. */
const askedShare = 0.8;
/** Where less of the burst than this is left, nothing is taken back. */
const spareShare = 0.5;

export class Upward {
  readonly topics: Topics;
  readonly #rate: { perSecond: number; burst: number };
  readonly #send: (message: Buffer) => void;
  #bucket: TokenBucket;
  #timer: NodeJS.Timeout | undefined;

  /** @param send passes a message for XSUB on */
  constructor(port: 'dataOut' | 'joinOut', send: (message: Buffer) => void) {
    const { perSecond, burst } = rateAt(port, true);
    this.#rate = { perSecond: (perSecond * share) / messageCost, burst: Math.floor((burst * share) / messageCost) };
    this.topics = new Topics(Math.floor(this.#rate.burst * askedShare));
    this.#bucket = new TokenBucket(this.#rate, performance.now());
    this.#send = send;
  }

  /** `message` as XPUB gives it. */
  take(message: Uint8Array): void {
    this.topics.take(message);
    this.#pass();
  }

  /** The line is there anew, and all that was asked for goes up by itself. */
  connected(): void {
    this.#bucket = new TokenBucket(this.#rate, performance.now());
    this.#bucket.take(this.topics.size, performance.now());
    this.close();
    this.#pass();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pass(): void {
    if (this.#timer !== undefined) return;
    for (;;) {
      const isAsking = this.topics.waiting > 0;
      if (!isAsking && this.topics.left === 0) return;
      const nowMs = performance.now();
      const waitMs = this.#bucket.wait(isAsking ? 2 : this.#rate.burst * spareShare, nowMs);
      if (waitMs > 0) return this.#later(waitMs);
      const messages = isAsking ? this.topics.next() : this.topics.forget();
      // No room, until somebody leaves.
      if (messages.length === 0) return;
      this.#bucket.take(messages.length, nowMs);
      for (const message of messages) this.#send(message);
    }
  }

  #later(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pass();
    }, Math.ceil(waitMs));
  }
}
