// What nodes tell of themselves, written down as often as it changes, and of one node no more than once a second.
import type { Facts } from '@sealcast/channel/payloads';
import type { Store } from '../store/store.ts';

const leastMs = 1000;

export class FactsDesk {
  readonly #store: Store;
  readonly #written: (node: string, facts: Facts) => void;
  readonly #writtenAt = new Map<string, number>();
  readonly #waiting = new Map<string, Facts>();

  /** `written` hears of what is on disk. */
  constructor(store: Store, written: (node: string, facts: Facts) => void) {
    this.#store = store;
    this.#written = written;
  }

  take(node: string, facts: Facts, nowMs: number): void {
    this.#waiting.set(node, facts);
    this.#writeDue(node, facts, nowMs);
  }

  /** Writes what had to wait. */
  sweep(nowMs: number): void {
    for (const [node, facts] of this.#waiting) this.#writeDue(node, facts, nowMs);
  }

  /** Writes all that waits. */
  flush(): void {
    this.sweep(Number.POSITIVE_INFINITY);
  }

  forget(node: string): void {
    this.#waiting.delete(node);
    this.#writtenAt.delete(node);
  }

  #writeDue(node: string, facts: Facts, nowMs: number): void {
    const before = this.#writtenAt.get(node);
    if (before !== undefined && nowMs - before < leastMs) return;
    this.#store.roster.setFacts(node, facts);
    this.#waiting.delete(node);
    this.#writtenAt.set(node, nowMs);
    this.#written(node, facts);
  }
}
