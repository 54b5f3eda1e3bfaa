import type { DatabaseSync } from 'node:sqlite';
import { integer, integerOrNull, type Row, text, textOrNull } from './row.ts';

export interface NewInvite {
  /** SHA-256 of the code, 64 hexadecimal digits. It names the invite and does not give the code away. */
  hash: string;
  label: string;
  /** Seconds since 1970, as in the invite itself. */
  created: number;
  expires: number;
}

export interface InviteEntry extends NewInvite {
  /** Milliseconds since 1970. */
  spentAt: number | null;
  withdrawnAt: number | null;
  /** The node's id. */
  spentBy: string | null;
}

const columns = 'hash, label, created_seconds, expires_seconds, spent_at, spent_by, withdrawn_at';

export class Invites {
  readonly #find;
  readonly #add;
  readonly #list;
  readonly #withdraw;
  readonly #withdrawAll;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(`SELECT ${columns} FROM invites WHERE hash = ?`);
    this.#add = database.prepare(
      `INSERT INTO invites (hash, label, created_seconds, expires_seconds, names) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (hash) DO NOTHING`,
    );
    this.#list = database.prepare(`SELECT ${columns} FROM invites ORDER BY created_seconds DESC, hash LIMIT ?`);
    this.#withdraw = database.prepare(
      'UPDATE invites SET withdrawn_at = ? WHERE hash = ? AND withdrawn_at IS NULL AND spent_at IS NULL',
    );
    this.#withdrawAll = database.prepare(
      'UPDATE invites SET withdrawn_at = ? WHERE withdrawn_at IS NULL AND spent_at IS NULL',
    );
  }

  find(hash: string): InviteEntry | undefined {
    const row = this.#find.get(hash);
    return row === undefined ? undefined : inviteEntry(row);
  }

  /** Leaves an invite that is there as it is. Where it `names`, the node that joins with it is called by its label. */
  add({ hash, label, created, expires }: NewInvite, { names = false } = {}): void {
    this.#add.run(hash, label, created, expires, names ? 1 : 0);
  }

  /** Newest first. */
  list(limit = 1000): InviteEntry[] {
    return this.#list.all(limit).map(inviteEntry);
  }

  /** True where it was open until now. */
  withdraw(hash: string, atMs: number): boolean {
    return this.#withdraw.run(atMs, hash).changes === 1;
  }

  /** Every one that is open, and was not spent. Gives how many. */
  withdrawAll(atMs: number): number {
    return Number(this.#withdrawAll.run(atMs).changes);
  }
}

function inviteEntry(row: Row): InviteEntry {
  return {
    hash: text(row, 'hash'),
    label: text(row, 'label'),
    created: integer(row, 'created_seconds'),
    expires: integer(row, 'expires_seconds'),
    spentAt: integerOrNull(row, 'spent_at'),
    spentBy: textOrNull(row, 'spent_by'),
    withdrawnAt: integerOrNull(row, 'withdrawn_at'),
  };
}
