import type { DatabaseSync } from 'node:sqlite';
import { text } from './row.ts';

export interface Admin {
  name: string;
  /** PHC string of argon2id. */
  hash: string;
}

export class Admins {
  readonly #find;
  readonly #add;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT name, hash FROM admins WHERE name = ?');
    this.#add = database.prepare(
      'INSERT INTO admins (name, hash, created) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING',
    );
  }

  find(name: string): Admin | undefined {
    const row = this.#find.get(name);
    return row === undefined ? undefined : { name: text(row, 'name'), hash: text(row, 'hash') };
  }

  /** Leaves one that is there as it is: the password may have been changed since. True where it is new. */
  add({ name, hash }: Admin, atMs: number): boolean {
    return this.#add.run(name, hash, atMs).changes === 1;
  }
}
