import type { DatabaseSync } from 'node:sqlite';
import { integer } from './row.ts';

/** Numbers that are given once, over all restarts. */
export class Counters {
  readonly #value;
  readonly #next;
  readonly #leap;

  constructor(database: DatabaseSync) {
    this.#value = database.prepare('SELECT value FROM counters WHERE name = ?');
    this.#next = database.prepare(
      'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value',
    );
    this.#leap = database.prepare(
      'INSERT INTO counters (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2 WHERE value < ?2',
    );
  }

  /** The last number given; 0 where there is none. */
  value(name: string): number {
    const row = this.#value.get(name);
    return row === undefined ? 0 : integer(row, 'value');
  }

  /** From 1. On disk when it comes back, or with the transaction that it is part of. */
  next(name: string): number {
    return integer(this.#next.get(name) ?? {}, 'value');
  }

  /** The next number is above `value`. */
  leap(name: string, value: number): void {
    this.#leap.run(name, value);
  }
}
