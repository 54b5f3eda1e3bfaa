// The sessions that are open now: one current a node, and those that it replaced, as long as something may still be under way in
// them, or, where another instance of the node took over, as long as they may show that both run (PROTOCOL.md, Instances).
import { Allowance } from '@sealcast/channel/allowance';
import { cloneWatchMs, overlapMs, sessionMaxMessages, sessionMaxMs } from '@sealcast/channel/constants';
import type { Facts } from '@sealcast/channel/payloads';
import type { Session } from '@sealcast/channel/session';
import { toHex } from './hex.ts';

/** What the master had of a node when another instance took over from this one: what holds again if that was a copy. */
interface Overtaken {
  /** The number of the newest sample. */
  through: number;
  facts: Facts | null;
}

export interface LiveSession {
  readonly node: string;
  readonly session: Session;
  /** 32 hexadecimal digits. */
  readonly instance: string;
  readonly allowance: Allowance;
  readonly openedAt: number;
  closesAt: number;
  /** The highest number of a sample that was said in it. */
  reported: number;
  overtaken?: Overtaken;
}

export class LiveSessions {
  readonly #byKeyId = new Map<string, LiveSession>();
  readonly #current = new Map<string, LiveSession>();

  /** The session before stays open for a while, and longer where it is another instance's; that one is given. */
  open(node: string, session: Session, instance: string, nowMs: number): LiveSession | undefined {
    const older = this.#current.get(node);
    if (older !== undefined)
      older.closesAt = Math.min(older.closesAt, nowMs + (older.instance === instance ? overlapMs : cloneWatchMs));
    const allowance = new Allowance(nowMs);
    const closesAt = nowMs + sessionMaxMs;
    const live = { node, session, instance, allowance, openedAt: nowMs, closesAt, reported: 0 };
    this.#current.set(node, live);
    this.#byKeyId.set(toHex(session.keyId), live);
    return older?.instance === instance ? undefined : older;
  }

  withKeyId(keyId: Uint8Array): LiveSession | undefined {
    return this.#byKeyId.get(toHex(keyId));
  }

  /** The session to send under. */
  current(node: string): LiveSession | undefined {
    return this.#current.get(node);
  }

  /** Whether a session of another instance of the node is open. */
  isWatched({ node, instance }: LiveSession): boolean {
    return this.#byKeyId.values().some((other) => other.node === node && other.instance !== instance);
  }

  all(): Iterable<LiveSession> {
    return this.#current.values();
  }

  /** `live` holds again, and every newer session of another instance of its node ends. */
  restore(live: LiveSession): void {
    const inOrder = [...this.#byKeyId.values()].filter(({ node }) => node === live.node);
    for (const newer of inOrder.slice(inOrder.indexOf(live))) if (newer.instance !== live.instance) this.#erase(newer);
    live.closesAt = live.openedAt + sessionMaxMs;
    this.#current.set(live.node, live);
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
