// Whom a room has invited, and who came. It ends with the room.
import { hash } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Applicant } from '@sealcast/channel/join-master';

const inviteMs = 3_600_000;

export const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** `since` is the number of what was said last before it came. */
export type Guest = { name: string; since: number; identity: string; hopKey: string };

export class Book {
  /** Names, by SHA-256 of the invite's code. */
  readonly #invites = new Map<string, string>();
  /** By node id. */
  readonly #guests = new Map<string, Guest>();

  invite(name: string): { code: Uint8Array; expires: number } {
    if (!/^[\p{L}\p{N}_-]{1,24}$/u.test(name)) throw new Error('a name is up to 24 letters and digits');
    const names = [...this.#invites.values(), ...[...this.#guests.values()].map((guest) => guest.name), 'room'];
    if (names.includes(name)) throw new Error(`${name} is taken`);
    const code = systemEntropy.bytes(16);
    this.#invites.set(hash('sha256', code), name);
    setTimeout(() => this.#invites.delete(hash('sha256', code)), inviteMs).unref();
    return { code, expires: Math.floor((Date.now() + inviteMs) / 1000) };
  }

  judge({ id, identity, inviteHash }: Applicant): RefusalCode | undefined {
    const known = this.#guests.get(hex(id));
    if (known) return known.identity === hex(identity) ? undefined : 'join.identity';
    return this.#invites.has(hex(inviteHash)) ? undefined : 'join.invite';
  }

  /** Whom judge() let in; the invite of one who is new is spent. */
  enrol({ id, identity, hopKey, inviteHash }: Applicant, head: number): Guest {
    const { name, since } = this.#guests.get(hex(id)) ?? {
      name: this.#invites.get(hex(inviteHash)) ?? '',
      since: head,
    };
    const guest = { name, since, identity: hex(identity), hopKey: hex(hopKey) };
    this.#guests.set(hex(id), guest);
    this.#invites.delete(hex(inviteHash));
    return guest;
  }

  admits(hopKey: Uint8Array): boolean {
    return [...this.#guests.values()].some((guest) => guest.hopKey === hex(hopKey));
  }
}
