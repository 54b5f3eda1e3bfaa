// Which hop keys sessions have: a key is in use until the last of them has ended.
import { noHopKey } from '../store/hop-keys.ts';

/** Keys are 64 hexadecimal digits; the one that stands for none is never in use. */
export class UsedHopKeys {
  readonly #counts = new Map<string, number>();

  add(hopKey: string): void {
    if (hopKey !== noHopKey) this.#counts.set(hopKey, (this.#counts.get(hopKey) ?? 0) + 1);
  }

  drop(hopKey: string): void {
    const count = this.#counts.get(hopKey) ?? 0;
    if (count > 1) this.#counts.set(hopKey, count - 1);
    else this.#counts.delete(hopKey);
  }

  has(hopKey: string): boolean {
    return this.#counts.has(hopKey);
  }
}
