// The epochs that a live node follows: their topics, their broadcasts, and what of both it has to ask for.
import { overlapMs } from '@sealcast/channel/constants';
import { BroadcastReader } from '@sealcast/channel/epoch';
import type { Ack, Ask, Command, EpochChange, Welcome } from '@sealcast/channel/payloads';
import type { Hop } from './hop.ts';

export class Epochs {
  readonly #reader: BroadcastReader;
  readonly #now: () => number;
  readonly #later: (ms: number, act: () => void) => void;

  /**
   * @param signing the master's signing key, 32 bytes
   * @param now in the master's time, ms
   * @param later acts after `ms`, unless the life of the node ends before
   */
  constructor(signing: Uint8Array, welcome: Welcome, now: () => number, later: (ms: number, act: () => void) => void) {
    this.#reader = new BroadcastReader(signing);
    this.#reader.set(welcome.epoch, welcome.key, welcome.head);
    this.#now = now;
    this.#later = later;
  }

  /** What to subscribe now. */
  topics(): Uint8Array[] {
    return this.#reader.topics(this.#now());
  }

  /** Opens a broadcast. Throws Refusal. */
  open(topic: Buffer, frame: Uint8Array): Command {
    return this.#reader.open(topic, frame, this.#now()).command;
  }

  /** What EPOCH says. Throws Refusal, where that is no newer one. */
  advance({ epoch, key, head }: EpochChange, hop: Hop): void {
    const before = this.topics();
    this.#reader.advance(epoch, key, head, this.#now());
    for (const topic of this.topics()) if (!includes(before, topic)) hop.subscribe(topic);
    this.#later(overlapMs, () => {
      const still = this.topics();
      for (const topic of before) if (!includes(still, topic)) hop.unsubscribe(topic);
    });
  }

  /** What a WELCOME says holds: a master whose disk was set back counts its epochs from there. */
  welcome(welcome: Welcome, hop: Hop): void {
    if (welcome.epoch > this.#reader.epoch) return this.advance(welcome, hop);
    const before = this.topics();
    this.#reader.set(welcome.epoch, welcome.key, welcome.head);
    const now = this.topics();
    for (const topic of now) if (!includes(before, topic)) hop.subscribe(topic);
    for (const topic of before) if (!includes(now, topic)) hop.unsubscribe(topic);
  }

  /**
   * What PUB dropped shows as a gap in the broadcast numbers, or as an epoch that the master is past. Each number is asked for
   * once: the master repeats its answers by itself.
   */
  missing(ack?: Ack): Ask | undefined {
    const { epoch, head } = this.#reader;
    const missing = this.#reader.missing(ack?.head ?? head);
    const behind = ack !== undefined && ack.epoch !== epoch;
    return missing.length > 0 || behind ? { epoch, missing } : undefined;
  }
}

function includes(topics: Uint8Array[], topic: Uint8Array): boolean {
  return topics.some((one) => Buffer.compare(one, topic) === 0);
}
