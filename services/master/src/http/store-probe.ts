import type { Store } from '../store/store.ts';

/** A try is a write to the disk: whoever asks again and again is told of the last one. */
const keptMs = 2000;

export class StoreProbe {
  readonly #store: Pick<Store, 'canWrite'>;
  readonly #now: () => number;
  #found = false;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<Store, 'canWrite'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  writes(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#triedAt >= keptMs) {
      this.#triedAt = nowMs;
      this.#found = this.#store.canWrite();
    }
    return this.#found;
  }
}
