// Which nodes are alive: something authentic came from them within `awayMs`.
import { awayMs } from '@sealcast/channel/constants';

type PresenceState = 'alive' | 'away' | 'never';

export interface Presence {
  state: PresenceState;
  /** When this state began, in ms since 1970. */
  since: number;
  lastSeen: number | null;
}

export class PresenceBook {
  readonly #book = new Map<string, Presence>();

  /** A node of the roster, at the master's start or when it has just joined for the first time. */
  know(id: string, joinedAt: number, lastSeen: number | null): void {
    const state = lastSeen === null ? 'never' : 'away';
    this.#book.set(id, { state, since: lastSeen ?? joinedAt, lastSeen });
  }

  /** Something authentic came from `id`. True where it was not alive before. */
  seen(id: string, nowMs: number): boolean {
    const before = this.#book.get(id);
    const returned = before?.state !== 'alive';
    this.#book.set(id, { state: 'alive', since: returned ? nowMs : before.since, lastSeen: nowMs });
    return returned;
  }

  /** `id` said that it stops. */
  left(id: string, nowMs: number): void {
    this.#book.set(id, { state: 'away', since: nowMs, lastSeen: nowMs });
  }

  forget(id: string): void {
    this.#book.delete(id);
  }

  /** Ids that have gone away since the last call. */
  sweep(nowMs: number): string[] {
    const gone: string[] = [];
    for (const [id, { state, lastSeen }] of this.#book) {
      if (state !== 'alive' || lastSeen === null || nowMs - lastSeen < awayMs) continue;
      this.#book.set(id, { state: 'away', since: lastSeen, lastSeen });
      gone.push(id);
    }
    return gone;
  }

  of(id: string): Presence | undefined {
    return this.#book.get(id);
  }

  entries(): Iterable<[string, Presence]> {
    return this.#book.entries();
  }
}
