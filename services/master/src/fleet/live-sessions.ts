// The sessions that are open now: one current a node, and those that it replaced, as long as something may still be under way in
// them, or, where another instance of the node took over, as long as they may show that both run (PROTOCOL.md, Instances).
import { Allowance } from '@sealcast/channel/allowance';
import { cloneWatchMs, overlapMs, sessionMaxMessages, sessionMaxMs } from '@sealcast/channel/constants';
import type { Facts } from '@sealcast/channel/payloads';
import type { Session } from '@sealcast/channel/session';
import { toHex } from './hex.ts';

/** What the master had of a node when another instance took over from this one: what holds again if that was a copy. */
export interface Overtaken {
  /** When another instance took over, the first of them where there were several. */
  readonly at: number;
  /** Another instance has said something since, and has left. */
  spoken: boolean;
  /** What such a one has answered. */
  readonly answered: Set<string>;
  /** The number of the newest sample. */
  through: number;
  facts: Facts | null;
}

export interface LiveSession {
  readonly node: string;
  readonly session: Session;
  /** 32 hexadecimal digits. */
  readonly instance: string;
  allowance: Allowance;
  readonly openedAt: number;
  closesAt: number;
  /** The highest number of a sample that was said in it. */
  reported: number;
  /** Ids of the commands that its instance has answered; a copy's answers are taken back. */
  readonly answered: Set<string>;
  overtaken?: Overtaken;
}

export class LiveSessions {
  readonly #byKeyId = new Map<string, LiveSession>();
  readonly #current = new Map<string, LiveSession>();
  /** By node: joining anew gives nobody more to say. */
  readonly #allowances = new Map<string, Allowance>();

  /** The session before stays open for a while, and longer where it is another instance's; that one is given. */
  open(node: string, session: Session, instance: string, nowMs: number): LiveSession | undefined {
    const older = this.#current.get(node);
    if (older !== undefined)
      older.closesAt = Math.min(older.closesAt, nowMs + (older.instance === instance ? overlapMs : cloneWatchMs));
    const allowance = this.#allowances.get(node) ?? new Allowance(nowMs);
    this.#allowances.set(node, allowance);
    // A copy that floods must not keep the one that it overtook from being heard.
    const isFirst = !this.#of(node).some(({ overtaken }) => overtaken !== undefined);
    if (older !== undefined && older.instance !== instance && isFirst) older.allowance = new Allowance(nowMs);
    const closesAt = nowMs + sessionMaxMs;
    const goesOn = older?.instance === instance && nowMs - older.openedAt < cloneWatchMs;
    const answered = goesOn ? older.answered : new Set<string>();
    const live = { node, session, instance, allowance, openedAt: nowMs, closesAt, reported: 0, answered };
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

  /** Of other instances of its node, the oldest first. */
  newerThan(live: LiveSession): LiveSession[] {
    const inOrder = this.#of(live.node);
    return inOrder.slice(inOrder.indexOf(live)).filter(({ instance }) => instance !== live.instance);
  }

  /** Every newer session of another instance of its node ends; `live` holds again, where its instance has no newer one itself. */
  restore(live: LiveSession): void {
    for (const newer of this.newerThan(live)) this.#erase(newer);
    const current = this.#current.get(live.node);
    if (current !== undefined && current !== live) return;
    live.closesAt = live.openedAt + sessionMaxMs;
    this.#allowances.set(live.node, live.allowance);
    this.#current.set(live.node, live);
  }

  /** The instance of `live` ends. True where the session of another one, which is still watched, is the current one again. */
  leave(live: LiveSession): boolean {
    for (const one of this.#of(live.node)) if (one.instance === live.instance) this.#erase(one);
    const others = this.#of(live.node);
    for (const { overtaken } of others) {
      if (overtaken === undefined) continue;
      overtaken.spoken = true;
      for (const id of live.answered) overtaken.answered.add(id);
    }
    const last = others.at(-1);
    if (last !== undefined) this.#current.set(live.node, last);
    return last !== undefined;
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

  /** The oldest first. */
  #of(node: string): LiveSession[] {
    return [...this.#byKeyId.values()].filter((live) => live.node === node);
  }

  #erase(live: LiveSession): void {
    live.session.erase();
    this.#byKeyId.delete(toHex(live.session.keyId));
    if (this.#current.get(live.node) === live) this.#current.delete(live.node);
  }
}
