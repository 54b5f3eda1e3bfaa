// Who may join: PROTOCOL.md's table under HELLO, asked of the roster and the invites.
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Applicant } from '@sealcast/channel/join-master';
import type { Store } from '../store/store.ts';
import { toHex } from './hex.ts';

export class Enrolment {
  readonly #store: Store;
  readonly #reportInterval: number;
  #hopKeys: Set<string>;

  /** `reportInterval` in seconds, for nodes that are new. */
  constructor(store: Store, reportInterval: number) {
    this.#store = store;
    this.#reportInterval = reportInterval;
    this.#hopKeys = store.roster.hopKeys();
  }

  /** Why `applicant` may not join, or undefined where it may. Changes nothing. */
  judge(applicant: Applicant, nowMs: number): RefusalCode | undefined {
    const { roster, invites } = this.#store;
    const known = roster.find(toHex(applicant.id));
    const identity = toHex(applicant.identity);
    if (known !== undefined) {
      if (known.removedAt !== null) return 'join.removed';
      return known.identity === identity ? undefined : 'join.identity';
    }
    const invite = applicant.inviteHash && invites.find(toHex(applicant.inviteHash));
    if (invite === undefined || invite.withdrawnAt !== null) return 'join.invite';
    if (invite.spentAt !== null) return 'join.invite-spent';
    if (invite.expires * 1000 <= nowMs) return 'join.invite-expired';
    return roster.findByIdentity(identity) === undefined ? undefined : 'join.identity';
  }

  /** Writes `applicant`, whom judge() let in, into the roster. True where it is new; its invite is spent then. */
  enrol(applicant: Applicant, nowMs: number): boolean {
    const { roster } = this.#store;
    const id = toHex(applicant.id);
    const hopKey = toHex(applicant.hopKey);
    const isNew = roster.find(id) === undefined;
    if (isNew) {
      if (applicant.inviteHash === undefined) throw new Error('a new node needs an invite');
      const inviteHash = toHex(applicant.inviteHash);
      roster.enrol({ id, identity: toHex(applicant.identity), hopKey, inviteHash, at: nowMs });
      roster.setInterval(id, this.#reportInterval);
    } else {
      roster.setHopKey(id, hopKey);
    }
    this.#hopKeys = roster.hopKeys();
    return isNew;
  }

  /** Whether a node with this hop key (32 bytes) has joined, and was not removed. */
  admits(hopKey: Uint8Array): boolean {
    return this.#hopKeys.has(toHex(hopKey));
  }
}
