import type { DatabaseSync } from 'node:sqlite';
import { integer, integerOrNull, type Row, text } from './row.ts';

export interface RelayEntry {
  /** 32 hexadecimal digits. */
  id: string;
  /** What it shows to the master: a CURVE public key, 64 hexadecimal digits. */
  up: string;
  name: string;
  /** PROTOCOL.md, Relays: its hop line. */
  line: string;
  /** Milliseconds since 1970. */
  addedAt: number;
  /** When it was last connected. */
  seenAt: number | null;
}

const columns = 'id, up, name, line, added_at, seen_at';

export class RelayList {
  readonly #all;
  readonly #find;
  readonly #wasAdded;
  readonly #isRemoved;
  readonly #take;
  readonly #add;
  readonly #remove;
  readonly #see;

  constructor(database: DatabaseSync) {
    const insert = `INSERT INTO relays (${columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`;
    this.#all = database.prepare(`SELECT ${columns} FROM relays WHERE removed_at IS NULL ORDER BY added_at, id`);
    this.#find = database.prepare(`SELECT ${columns} FROM relays WHERE id = ? AND removed_at IS NULL`);
    this.#wasAdded = database.prepare('SELECT 1 FROM relays WHERE up = ?');
    this.#isRemoved = database.prepare('SELECT 1 FROM relays WHERE up = ? AND removed_at IS NOT NULL');
    this.#take = database.prepare(`${insert} ON CONFLICT DO NOTHING`);
    this.#add = database.prepare(
      `${insert} ON CONFLICT (up) DO UPDATE SET name = ?3, line = ?4, added_at = ?5, seen_at = ?6, removed_at = NULL
       WHERE removed_at IS NOT NULL`,
    );
    this.#see = database.prepare('UPDATE relays SET seen_at = ? WHERE id = ?');
    this.#remove = database.prepare('UPDATE relays SET removed_at = ? WHERE id = ? AND removed_at IS NULL');
  }

  /** Those that were not removed, the oldest first. */
  all(): RelayEntry[] {
    return this.#all.all().map(relayEntry);
  }

  find(id: string): RelayEntry | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : relayEntry(row);
  }

  /** Whether a relay with this key is there, or was removed. */
  wasAdded(up: string): boolean {
    return this.#wasAdded.get(up) !== undefined;
  }

  isRemoved(up: string): boolean {
    return this.#isRemoved.get(up) !== undefined;
  }

  /** True where it was not there; one that was removed comes back. */
  add({ id, up, name, line, addedAt, seenAt }: RelayEntry): boolean {
    return this.#add.run(id, up, name, line, addedAt, seenAt).changes === 1;
  }

  /** For what stands in a file: one that is there stays as it is, and one that was removed stays removed. */
  take({ id, up, name, line, addedAt, seenAt }: RelayEntry): boolean {
    return this.#take.run(id, up, name, line, addedAt, seenAt).changes === 1;
  }

  setSeen(id: string, atMs: number): void {
    this.#see.run(atMs, id);
  }

  /** True where it was there. */
  remove(id: string, atMs: number): boolean {
    return this.#remove.run(atMs, id).changes === 1;
  }
}

function relayEntry(row: Row): RelayEntry {
  return {
    id: text(row, 'id'),
    up: text(row, 'up'),
    name: text(row, 'name'),
    line: text(row, 'line'),
    addedAt: integer(row, 'added_at'),
    seenAt: integerOrNull(row, 'seen_at'),
  };
}
