// The broadcast epoch that is current, and when the next one is due.
import { epochAfterJoinMs, epochMaxMs, rekeyAfterMessages } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import type { Broadcaster } from '@sealcast/channel/epoch';
import type { Store } from '../store/store.ts';

export interface Epoch {
  epoch: number;
  /** 32 bytes. */
  key: Uint8Array;
}

export class Epochs {
  readonly #store: Store;
  readonly #broadcaster: Broadcaster;
  readonly #entropy: Entropy;
  #current: Epoch;
  #dueAt: number;

  /** Begins a first epoch: the keys of those before a start are gone. */
  constructor(store: Store, broadcaster: Broadcaster, entropy: Entropy, nowMs: number) {
    this.#store = store;
    this.#broadcaster = broadcaster;
    this.#entropy = entropy;
    this.#current = this.#next();
    this.#dueAt = nowMs + epochMaxMs;
  }

  get current(): Epoch {
    return this.#current;
  }

  /** The number of the last broadcast. */
  get head(): number {
    return this.#store.counters.value('broadcast');
  }

  begin(nowMs: number): Epoch {
    // Where the next one can't be written down, this one goes on.
    const next = this.#next();
    this.#current.key.fill(0);
    this.#current = next;
    this.#dueAt = nowMs + epochMaxMs;
    return this.#current;
  }

  /** A new member has joined: what was broadcast before it must not stay readable to it for long. */
  memberJoined(nowMs: number): void {
    this.#dueAt = Math.min(this.#dueAt, nowMs + epochAfterJoinMs);
  }

  /** A member is no longer one. */
  memberLeft(nowMs: number): void {
    this.#dueAt = Math.min(this.#dueAt, nowMs);
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueAt || this.#broadcaster.sealed >= rekeyAfterMessages;
  }

  #next(): Epoch {
    const epoch = this.#store.counters.next('epoch');
    const key = this.#entropy.bytes(32);
    this.#broadcaster.begin(epoch, key);
    return { epoch, key };
  }
}
