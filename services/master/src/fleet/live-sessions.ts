// The sessions that are open now: one current a node, and those that it replaced, as long as something may still be under way in
// them, or, where another instance of the node took over, as long as they may show that both run (PROTOCOL.md, Instances).
import { Allowance } from '@sealcast/channel/allowance';
import { cloneWatchMs, overlapMs, sessionMaxMessages, sessionMaxMs } from '@sealcast/channel/constants';
import type { Facts } from '@sealcast/channel/payloads';
import type { Session } from '@sealcast/channel/session';
import { toHex } from './hex.ts';
import { UsedHopKeys } from './used-hop-keys.ts';

/** However often an instance that is watched joins anew. */
const watchedMaxMs = 4 * cloneWatchMs;

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

/** What runs on a node's machine, as its HELLO names it. */
export interface Program {
  /** 32 hexadecimal digits. */
  instance: string;
  /** 64 hexadecimal digits. */
  hopKey: string;
}

export interface LiveSession {
  readonly node: string;
  readonly session: Session;
  readonly instance: string;
  /** Higher than that of each instance that came before. */
  readonly rank: number;
  /** When the first session of its instance was opened. */
  readonly since: number;
  /** That of its instance's newest session. */
  hopKey: string;
  allowance: Allowance;
  readonly openedAt: number;
  closesAt: number;
  /** The highest number of a sample that was said in it. */
  reported: number;
  /** The sequence of the newest FACTS that were taken in it. */
  toldAt?: number;
  /** Ids of the commands that its instance has answered; a copy's answers are taken back. */
  readonly answered: Set<string>;
  /** There while it is watched; one for all sessions of its instance. */
  overtaken?: Overtaken;
}

export class LiveSessions {
  readonly #byKeyId = new Map<string, LiveSession>();
  /** The oldest first. */
  readonly #byNode = new Map<string, LiveSession[]>();
  readonly #current = new Map<string, LiveSession>();
  /** By node: joining anew gives nobody more to say. */
  readonly #allowances = new Map<string, Allowance>();
  readonly #hopKeys = new UsedHopKeys();
  readonly #ended: (hopKey: string) => void;
  #lastRank = 0;

  /** `ended` hears of each hop key whose last session has ended. */
  constructor(ended: (hopKey: string) => void = () => undefined) {
    this.#ended = ended;
  }

  /**
   * The session before stays open for a while, and longer where it is another instance's; that one is given. A session of an instance
   * that is watched is watched as the one before it: the other instance's stays the current one.
   */
  open(node: string, session: Session, { instance, hopKey }: Program, nowMs: number): LiveSession | undefined {
    const older = this.#current.get(node);
    const before = this.#lastOf(node, instance);
    const watched = this.watched(node, instance);
    const closesAt = nowMs + (watched === undefined ? sessionMaxMs : cloneWatchMs);
    const goesOn = before !== undefined && nowMs - before.openedAt < cloneWatchMs;
    const live: LiveSession = {
      node,
      session,
      instance,
      rank: before?.rank ?? (this.#lastRank += 1),
      since: before?.since ?? nowMs,
      hopKey,
      allowance: before !== undefined && watched !== undefined ? before.allowance : this.#allowance(node, nowMs),
      openedAt: nowMs,
      closesAt,
      reported: 0,
      answered: goesOn ? before.answered : new Set(),
      ...(before?.overtaken === undefined ? {} : { overtaken: before.overtaken }),
    };
    const overtaken = watched === undefined ? this.#replace(older, live, nowMs) : undefined;
    for (const one of this.#of(node)) if (one.instance === instance) this.#rename(one, hopKey);
    this.#hopKeys.add(hopKey);
    this.#byKeyId.set(toHex(session.keyId), live);
    this.#byNode.set(node, [...this.#of(node), live]);
    return overtaken;
  }

  get size(): number {
    return this.#byKeyId.size;
  }

  withKeyId(keyId: Uint8Array): LiveSession | undefined {
    return this.#byKeyId.get(toHex(keyId));
  }

  /** The session to send under. */
  current(node: string): LiveSession | undefined {
    return this.#current.get(node);
  }

  /** What another instance took over, where it is the current one and this one may still run. */
  watched(node: string, instance: string): Overtaken | undefined {
    if (this.#current.get(node)?.instance === instance) return undefined;
    return this.#lastOf(node, instance)?.overtaken;
  }

  /** Whether a session of another instance of the node is open. */
  isWatched({ node, instance }: LiveSession): boolean {
    return this.#of(node).some((other) => other.instance !== instance);
  }

  /** Of all sessions of the node, in hexadecimal. */
  hopKeysOf(node: string): string[] {
    return this.#of(node).map(({ hopKey }) => hopKey);
  }

  hasHopKey(hopKey: string): boolean {
    return this.#hopKeys.has(hopKey);
  }

  all(): Iterable<LiveSession> {
    return this.#current.values();
  }

  /** Of instances of its node that came later. */
  newerThan({ node, rank }: LiveSession): LiveSession[] {
    return this.#of(node).filter((other) => other.rank > rank);
  }

  /** The highest number of a sample that the instance of `live` has said. */
  reported(live: LiveSession): number {
    return Math.max(...this.#ofInstance(live).map(({ reported }) => reported));
  }

  /**
   * FACTS came in `live` under `sequence`.
   * @returns whether the instance has told none that are newer: later in this session, or in a later one
   */
  told(live: LiveSession, sequence: number): boolean {
    const own = this.#ofInstance(live);
    const later = own.slice(own.indexOf(live) + 1);
    if (sequence <= (live.toldAt ?? 0) || later.some(({ toldAt }) => toldAt !== undefined)) return false;
    live.toldAt = sequence;
    return true;
  }

  /** What the instance of `live` has told is not held any more: its next ACK says so. */
  forgetTold(live: LiveSession): void {
    for (const one of this.#ofInstance(live)) delete one.toldAt;
  }

  /** Every session of a later instance of its node ends; the instance of `live` holds again, with its newest one, and is watched no more. */
  restore(live: LiveSession): void {
    for (const newer of this.newerThan(live)) this.#end(newer);
    const own = this.#ofInstance(live);
    for (const one of own) delete one.overtaken;
    const newest = own.at(-1) ?? live;
    const current = this.#current.get(live.node);
    if (current !== undefined && current !== newest) return;
    newest.closesAt = newest.openedAt + sessionMaxMs;
    this.#allowances.set(newest.node, newest.allowance);
    this.#current.set(newest.node, newest);
  }

  /** The instance of `live` ends. Gives the session of the one before, which is still watched, where that is the current one again. */
  leave(live: LiveSession): LiveSession | undefined {
    for (const one of this.#ofInstance(live)) this.#end(one);
    const others = this.#of(live.node);
    for (const { overtaken } of others) {
      if (overtaken === undefined) continue;
      overtaken.spoken = true;
      for (const id of live.answered) overtaken.answered.add(id);
    }
    const last = others.toSorted((one, other) => one.rank - other.rank).at(-1);
    if (last !== undefined) this.#current.set(live.node, last);
    return last;
  }

  close(node: string): void {
    for (const live of this.#of(node)) this.#end(live);
  }

  sweep(nowMs: number): void {
    for (const live of this.#byKeyId.values()) {
      const worn = Math.max(live.session.sent, live.session.received) >= sessionMaxMessages;
      if (live.closesAt <= nowMs || worn || this.#isUnanswered(live, nowMs)) this.#end(live);
    }
  }

  // Who joins anew and anew, and does not answer, must not be able to take back all that was said since. Where it is the current one, it
  // is just watched no more.
  #isUnanswered(live: LiveSession, nowMs: number): boolean {
    if (live.overtaken === undefined || nowMs - live.overtaken.at < watchedMaxMs) return false;
    if (this.#current.get(live.node)?.instance !== live.instance) return true;
    delete live.overtaken;
    return false;
  }

  /** Nobody hears of hop keys. */
  closeAll(): void {
    for (const live of this.#byKeyId.values()) this.#erase(live);
  }

  #replace(older: LiveSession | undefined, live: LiveSession, nowMs: number): LiveSession | undefined {
    this.#current.set(live.node, live);
    if (older === undefined) return undefined;
    const isOther = older.instance !== live.instance;
    older.closesAt = Math.min(older.closesAt, nowMs + (isOther ? cloneWatchMs : overlapMs));
    if (!isOther) return undefined;
    // A copy that floods must not keep the one that it overtook from being heard.
    const isFirst = !this.#of(live.node).some(({ overtaken }) => overtaken !== undefined);
    if (isFirst) older.allowance = new Allowance(nowMs);
    return older;
  }

  #allowance(node: string, nowMs: number): Allowance {
    const allowance = this.#allowances.get(node) ?? new Allowance(nowMs);
    this.#allowances.set(node, allowance);
    return allowance;
  }

  #of(node: string): readonly LiveSession[] {
    return this.#byNode.get(node) ?? [];
  }

  #ofInstance({ node, instance }: LiveSession): LiveSession[] {
    return this.#of(node).filter((one) => one.instance === instance);
  }

  #lastOf(node: string, instance: string): LiveSession | undefined {
    return this.#of(node).findLast((one) => one.instance === instance);
  }

  #rename(live: LiveSession, hopKey: string): void {
    this.#hopKeys.drop(live.hopKey);
    live.hopKey = hopKey;
    this.#hopKeys.add(hopKey);
  }

  #end(live: LiveSession): void {
    this.#erase(live);
    if (!this.#hopKeys.has(live.hopKey)) this.#ended(live.hopKey);
  }

  #erase(live: LiveSession): void {
    const { node, session, hopKey } = live;
    session.erase();
    this.#byKeyId.delete(toHex(session.keyId));
    this.#hopKeys.drop(hopKey);
    const others = this.#of(node).filter((one) => one !== live);
    if (others.length > 0) this.#byNode.set(node, others);
    else this.#byNode.delete(node);
    if (this.#current.get(node) === live) this.#current.delete(node);
  }
}
