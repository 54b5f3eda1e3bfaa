// The sessions that are open now: one current a node, and for `overlapMs` the one that it replaced.
import { overlapMs, sessionMaxMessages, sessionMaxMs } from '@sealcast/channel/constants';
import type { Session } from '@sealcast/channel/session';
import { toHex } from './hex.ts';

export interface LiveSession {
  readonly node: string;
  readonly session: Session;
  closesAt: number;
}

export class LiveSessions {
  readonly #byKeyId = new Map<string, LiveSession>();
  readonly #current = new Map<string, LiveSession>();

  /** The node's older session stays open for what is still under way. */
  open(node: string, session: Session, nowMs: number): void {
    const older = this.#current.get(node);
    if (older !== undefined) older.closesAt = Math.min(older.closesAt, nowMs + overlapMs);
    const live = { node, session, closesAt: nowMs + sessionMaxMs };
    this.#current.set(node, live);
    this.#byKeyId.set(toHex(session.keyId), live);
  }

  withKeyId(keyId: Uint8Array): LiveSession | undefined {
    return this.#byKeyId.get(toHex(keyId));
  }

  /** The session to send under. */
  current(node: string): LiveSession | undefined {
    return this.#current.get(node);
  }

  all(): Iterable<LiveSession> {
    return this.#current.values();
  }

  close(node: string): void {
    for (const live of this.#byKeyId.values()) if (live.node === node) this.#erase(live);
  }

  sweep(nowMs: number): void {
    for (const live of this.#byKeyId.values()) {
      const worn = Math.max(live.session.sent, live.session.received) >= sessionMaxMessages;
      if (live.closesAt <= nowMs || worn) this.#erase(live);
    }
  }

  closeAll(): void {
    for (const live of this.#byKeyId.values()) this.#erase(live);
  }

  #erase(live: LiveSession): void {
    live.session.erase();
    this.#byKeyId.delete(toHex(live.session.keyId));
    if (this.#current.get(live.node) === live) this.#current.delete(live.node);
  }
}
