// Who may join: PROTOCOL.md's table under HELLO, asked of the roster and the invites.
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Applicant } from '@sealcast/channel/join-master';
import { noHopKey } from '../store/hop-keys.ts';
import type { Store } from '../store/store.ts';
import type { CloneWatch } from './clone-watch.ts';
import { toHex } from './hex.ts';

/**
 * An honest node has one for each mechanism. All are kept for ever, so that none of them comes back when it is removed; and a copy of its
 * identity, which may make as many as it likes, must not use up for ever what the node may have.
 */
const hopKeysMax = 16;
const oneMoreAfterMs = 86_400_000;

export class Enrolment {
  readonly #store: Store;
  readonly #clones: CloneWatch;
  readonly #reportInterval: number;
  #hopKeys: Set<string>;

  /** `reportInterval` in seconds, for nodes that are new. */
  constructor(store: Store, clones: CloneWatch, reportInterval: number) {
    this.#store = store;
    this.#clones = clones;
    this.#reportInterval = reportInterval;
    this.#hopKeys = store.roster.hopKeys();
  }

  /** Why `applicant` may not join, or undefined where it may. Changes nothing. */
  judge(applicant: Applicant, nowMs: number): RefusalCode | undefined {
    const { roster, invites } = this.#store;
    const id = toHex(applicant.id);
    const known = roster.find(id);
    const identity = toHex(applicant.identity);
    if (known !== undefined) {
      if (known.removedAt !== null) return 'join.removed';
      if (known.identity !== identity) return 'join.identity';
      if (this.#clones.isHeldOut(id, toHex(applicant.instance))) return 'join.cloned';
      return this.#judgeHopKey(id, toHex(applicant.hopKey), nowMs);
    }
    const invite = applicant.inviteHash && invites.find(toHex(applicant.inviteHash));
    if (invite === undefined || invite.withdrawnAt !== null) return 'join.invite';
    if (invite.spentAt !== null) return 'join.invite-spent';
    if (invite.expires * 1000 <= nowMs) return 'join.invite-expired';
    if (roster.findByIdentity(identity) !== undefined) return 'join.identity';
    return this.#judgeHopKey(id, toHex(applicant.hopKey), nowMs);
  }

  // Two who have the same would each keep the data ports open to the other when that one is removed, though CONFIRM proves it of both.
  #judgeHopKey(id: string, hopKey: string, nowMs: number): RefusalCode | undefined {
    if (hopKey === noHopKey) return undefined;
    const { hopKeys, relays } = this.#store;
    const had = hopKeys.of(id);
    const isFull = had.length >= hopKeysMax && nowMs < hopKeys.newestOf(id) + oneMoreAfterMs;
    const isOneTooMany = isFull && !had.includes(hopKey);
    const isTaken = hopKeys.isAnothers(hopKey, id) || relays.wasAdded(hopKey);
    return isOneTooMany || isTaken ? 'join.key' : undefined;
  }

  /**
   * Writes `applicant`, whom judge() let in, into the roster. True where it is new; its invite is spent then. The roster's hop key of
   * one that does not take over stays the other instance's.
   */
  enrol(applicant: Applicant, nowMs: number, takesOver = true): boolean {
    const { roster, hopKeys } = this.#store;
    const id = toHex(applicant.id);
    const hopKey = toHex(applicant.hopKey);
    const known = roster.find(id);
    if (known === undefined) {
      if (applicant.inviteHash === undefined) throw new Error('a new node needs an invite');
      const inviteHash = toHex(applicant.inviteHash);
      roster.enrol({ id, identity: toHex(applicant.identity), hopKey, inviteHash, at: nowMs });
      roster.setInterval(id, this.#reportInterval);
      if (hopKey !== noHopKey) this.#hopKeys.add(hopKey);
      return true;
    }
    // Most joins are a node's with the key that it had: nothing to write, and no roster to read.
    if (!takesOver) hopKeys.add(id, hopKey, nowMs);
    else if (known.hopKey !== hopKey) this.#setHopKey(id, hopKey, nowMs);
    return false;
  }

  /** The instance with this hop key is the one that holds again. Gives the key that the roster had. */
  holdsAgain(id: string, hopKey: string, nowMs: number): string | undefined {
    const { roster } = this.#store;
    const former = roster.find(id)?.hopKey;
    if (former !== hopKey) this.#setHopKey(id, hopKey, nowMs);
    return former;
  }

  #setHopKey(id: string, hopKey: string, nowMs: number): void {
    this.#store.roster.setHopKey(id, hopKey, nowMs);
    this.learnHopKeys();
  }

  /** Whether a node with this hop key (64 hexadecimal digits) has joined, and was not removed. */
  admits(hopKey: string): boolean {
    return this.#hopKeys.has(hopKey);
  }

  /** The roster has changed. */
  learnHopKeys(): void {
    this.#hopKeys = this.#store.roster.hopKeys();
  }
}
