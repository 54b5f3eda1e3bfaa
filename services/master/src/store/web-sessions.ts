import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from './row.ts';

/** Times in milliseconds since 1970. */
export interface WebSession {
  /** SHA-256 of the token, 64 hexadecimal digits; the token itself is nowhere but in the browser. */
  hash: string;
  /** The person's. */
  name: string;
  created: number;
  used: number;
}

export class WebSessions {
  readonly #add;
  readonly #find;
  readonly #use;
  readonly #remove;
  readonly #trim;
  readonly #prune;
  readonly #clear;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT INTO web_sessions (hash, name, created, used) VALUES (?, ?, ?, ?)');
    this.#find = database.prepare('SELECT hash, name, created, used FROM web_sessions WHERE hash = ?');
    this.#use = database.prepare('UPDATE web_sessions SET used = ? WHERE hash = ?');
    this.#remove = database.prepare('DELETE FROM web_sessions WHERE hash = ?');
    this.#trim = database.prepare(
      `DELETE FROM web_sessions WHERE name = ?1 AND hash NOT IN
       (SELECT hash FROM web_sessions WHERE name = ?1 ORDER BY used DESC LIMIT ?2) RETURNING hash`,
    );
    this.#prune = database.prepare('DELETE FROM web_sessions WHERE used < ? OR created < ? RETURNING hash');
    this.#clear = database.prepare('DELETE FROM web_sessions');
  }

  add({ hash, name, created, used }: WebSession): void {
    this.#add.run(hash, name, created, used);
  }

  find(hash: string): WebSession | undefined {
    const row = this.#find.get(hash);
    if (row === undefined) return undefined;
    return {
      hash: text(row, 'hash'),
      name: text(row, 'name'),
      created: integer(row, 'created'),
      used: integer(row, 'used'),
    };
  }

  use(hash: string, atMs: number): void {
    this.#use.run(atMs, hash);
  }

  remove(hash: string): void {
    this.#remove.run(hash);
  }

  /** Keeps the `count` sessions of `name` that were used last. Gives the hashes of the others. */
  trim(name: string, count: number): string[] {
    return this.#trim.all(name, count).map((row) => text(row, 'hash'));
  }

  /** Removes what was last used, or made, before. Gives the hashes. */
  prune(usedBeforeMs: number, createdBeforeMs: number): string[] {
    return this.#prune.all(usedBeforeMs, createdBeforeMs).map((row) => text(row, 'hash'));
  }

  /** Signs everybody out. */
  clear(): void {
    this.#clear.run();
  }
}
