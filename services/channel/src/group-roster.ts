import type { RefusalCode } from './errors.ts';
import type { Applicant } from './join-master.ts';
import { sha256 } from './keys.ts';

interface Member {
  name: string;
  /** Hexadecimal, as the hop key is. */
  identity: string;
  hopKey: string;
}

/** Who may join a group (PROTOCOL.md, the table under HELLO): in memory, each under a name of its own. */
export class GroupRoster {
  /** By SHA-256 of the code, until it is spent. */
  readonly #invites = new Map<string, { name: string; endsAt: number }>();
  /** By node id. */
  readonly #members = new Map<string, Member>();

  /** Who joins by `code` has `name` from then on. Throws where somebody else has it, or may yet come by it. */
  invite(name: string, code: Uint8Array, endsAt: number, nowMs: number): void {
    for (const [hash, invite] of this.#invites) if (invite.endsAt <= nowMs) this.#invites.delete(hash);
    const names = [...this.#invites.values(), ...this.#members.values()];
    if (names.some((one) => one.name === name)) throw new Error(`${name} is taken`);
    this.#invites.set(hex(sha256(undefined, code)), { name, endsAt });
  }

  judge({ id, identity, inviteHash }: Applicant, nowMs: number): RefusalCode | undefined {
    const known = this.#members.get(hex(id));
    if (known !== undefined) return known.identity === hex(identity) ? undefined : 'join.identity';
    const invite = inviteHash && this.#invites.get(hex(inviteHash));
    if (invite === undefined) return 'join.invite';
    if (invite.endsAt <= nowMs) return 'join.invite-expired';
    return this.#some((member) => member.identity === hex(identity)) ? 'join.identity' : undefined;
  }

  /** Whom judge() let in; the invite of one who is new is spent. */
  enrol({ id, identity, hopKey, inviteHash }: Applicant): void {
    const spent = inviteHash === undefined ? '' : hex(inviteHash);
    const named = this.#members.get(hex(id)) ?? this.#invites.get(spent);
    if (named === undefined) throw new Error('a new member needs an invite');
    this.#invites.delete(spent);
    this.#members.set(hex(id), { name: named.name, identity: hex(identity), hopKey: hex(hopKey) });
  }

  /** Whether somebody has joined with this hop key. */
  admits(hopKey: Uint8Array): boolean {
    return this.#some((member) => member.hopKey === hex(hopKey));
  }

  nameOf(id: Uint8Array): string {
    return this.#members.get(hex(id))?.name ?? '';
  }

  #some(fits: (member: Member) => boolean): boolean {
    return this.#members.values().some(fits);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
