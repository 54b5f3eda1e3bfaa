// Whom a room has invited, and whom it knows. Nothing of it is ever on a disk.
import { hash } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Applicant } from '@sealcast/channel/join-master';

const inviteMs = 3_600_000;

interface Page {
  name: string;
  /** The last number that was said before its guest came. */
  since: number;
  expires: number;
  /** From its first join on: who has spent the invite. */
  guest?: { id: string; identity: string; hopKey: string };
}

export const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

export class Book {
  /** By SHA-256 of the invite's code. */
  readonly #pages = new Map<string, Page>();

  /** @returns the code, good for one guest */
  invite(name: string): { code: Uint8Array; expires: number } {
    if (!/^[\p{L}\p{N}_-]{1,24}$/u.test(name)) throw new Error('a name is up to 24 letters and digits');
    if (name === 'room' || this.#find((page) => page.name === name)) throw new Error(`${name} is taken`);
    const code = systemEntropy.bytes(16);
    const expires = Date.now() + inviteMs;
    this.#pages.set(hash('sha256', code), { name, expires, since: 0 });
    return { code, expires: Math.floor(expires / 1000) };
  }

  /** PROTOCOL.md, HELLO: the table of who may join. */
  judge({ id, identity, inviteHash }: Applicant): RefusalCode | undefined {
    const known = this.#find(({ guest }) => guest?.id === hex(id) || guest?.identity === hex(identity))?.guest;
    if (known) return known.id === hex(id) && known.identity === hex(identity) ? undefined : 'join.identity';
    const page = this.#pages.get(hex(inviteHash));
    if (!page) return 'join.invite';
    if (page.guest) return 'join.invite-spent';
    return page.expires < Date.now() ? 'join.invite-expired' : undefined;
  }

  /** Whom judge() let in; the invite of one who is new is spent. */
  enrol({ id, identity, hopKey, inviteHash }: Applicant, head: number): Pick<Page, 'name' | 'since'> {
    const page = this.#find(({ guest }) => guest?.id === hex(id)) ?? this.#pages.get(hex(inviteHash));
    if (!page) throw new Error('judge() let nobody in');
    if (!page.guest) page.since = head;
    page.guest = { id: hex(id), identity: hex(identity), hopKey: hex(hopKey) };
    return page;
  }

  admits(hopKey: Uint8Array): boolean {
    return this.#find(({ guest }) => guest?.hopKey === hex(hopKey)) !== undefined;
  }

  #find(matches: (page: Page) => boolean): Page | undefined {
    return [...this.#pages.values()].find(matches);
  }
}
