// Hop keys that the roster or the relays would let in and the operator's own list does not: mq_zap_file or mq_zap_command. In memory
// alone: whoever is refused comes again.
import type { KeptOut } from './views.ts';

export class KeptOutKeys {
  readonly #found = new Map<string, KeptOut>();

  /** What the list said of `hopKey` (64 hexadecimal digits). True where that is news. */
  decided(hopKey: string, isAllowed: boolean, by: KeptOut['by'], nowMs: number): boolean {
    if (isAllowed) return this.forget(hopKey);
    if (this.#found.has(hopKey)) return false;
    this.#found.set(hopKey, { since: nowMs, hopKey, by });
    return true;
  }

  /** True where it was kept out. */
  forget(hopKey: string): boolean {
    return this.#found.delete(hopKey);
  }

  of(hopKey: string): KeptOut | null {
    return this.#found.get(hopKey) ?? null;
  }
}
