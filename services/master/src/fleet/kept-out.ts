// Hop keys that the roster or the relays would let in and the operator's own list does not: mq_zap_file or mq_zap_command. In memory
// alone: whoever is refused comes again. Who is refused and heard all the same, as through a relay, is not kept out.
import { awayMs } from '@sealcast/channel/constants';
import type { KeptOut } from './views.ts';

interface Found {
  keptOut: KeptOut;
  /** When it was last heard by another way, where it was since it was refused. */
  heardMs?: number;
}

export class KeptOutKeys {
  readonly #found = new Map<string, Found>();

  /** What the list said of `hopKey` (64 hexadecimal digits). True where that is news. */
  decided(hopKey: string, isAllowed: boolean, by: KeptOut['by'], nowMs: number): boolean {
    if (isAllowed) return this.forget(hopKey);
    const found = this.#found.get(hopKey);
    if (found !== undefined && nowMs - (found.heardMs ?? nowMs) < awayMs) return false;
    this.#found.set(hopKey, { keptOut: { since: nowMs, hopKey, by } });
    return true;
  }

  /** Who has `hopKey` was heard. True where it was kept out until now. */
  heard(hopKey: string, nowMs: number): boolean {
    const found = this.#found.get(hopKey);
    if (found === undefined) return false;
    const isNews = found.heardMs === undefined;
    found.heardMs = nowMs;
    return isNews;
  }

  /** True where the list had refused it. */
  forget(hopKey: string): boolean {
    return this.#found.delete(hopKey);
  }

  of(hopKey: string): KeptOut | null {
    const found = this.#found.get(hopKey);
    return found === undefined || found.heardMs !== undefined ? null : found.keptOut;
  }
}
