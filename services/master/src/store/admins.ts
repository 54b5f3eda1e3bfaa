import type { DatabaseSync } from 'node:sqlite';
import { text } from './row.ts';

export interface Admin {
  name: string;
  /** PHC string of argon2id. */
  hash: string;
}

export class Admins {
  readonly #find;
  readonly #first;
  readonly #take;
  readonly #signOut;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT name, hash FROM admins WHERE name = ?');
    this.#first = database.prepare('SELECT name FROM admins ORDER BY created, name LIMIT 1');
    this.#take = database.prepare(
      `INSERT INTO admins (name, hash, created, taken) VALUES (?1, ?2, ?3, ?2) ON CONFLICT (name) DO UPDATE
       SET hash = ?2, taken = ?2 WHERE taken IS NOT ?2`,
    );
    this.#signOut = database.prepare('DELETE FROM web_sessions WHERE name = ?');
  }

  find(name: string): Admin | undefined {
    const row = this.#find.get(name);
    return row === undefined ? undefined : { name: text(row, 'name'), hash: text(row, 'hash') };
  }

  /** The name of the oldest account. */
  first(): string | undefined {
    const row = this.#first.get();
    return row === undefined ? undefined : text(row, 'name');
  }

  /**
   * Takes over what init's file says, where it says something new: then the password is another, and who was signed in with
   * the old one no longer is. True where it was new.
   */
  take({ name, hash }: Admin, atMs: number): boolean {
    const isNew = this.#take.run(name, hash, atMs).changes === 1;
    if (isNew) this.#signOut.run(name);
    return isNew;
  }
}
