import type { DatabaseSync } from 'node:sqlite';
import type { Facts } from '../fleet/views.ts';
import { type HopKeys, noHopKey } from './hop-keys.ts';
import { integer, integerOrNull, type Row, text, textOrNull } from './row.ts';
import type { Transaction } from './transactions.ts';

/** Times in milliseconds since 1970. */
export interface RosterEntry {
  id: string;
  /** Ed25519 public key, 64 hexadecimal digits. */
  identity: string;
  /** 64 hexadecimal digits (PROTOCOL.md, Mechanisms); all zero where the mechanism is NULL. */
  hopKey: string;
  joinedAt: number;
  /** What people call it; null where it is called as it says itself. */
  label: string | null;
  facts: Facts | null;
  lastSeen: number | null;
  /** When it last said that it stops. */
  leftAt: number | null;
  /** Seconds between two samples. */
  interval: number;
  removedAt: number | null;
  /** When it took the identity that it has; null where that is its first. */
  rotatedAt: number | null;
}

export interface Enrolled {
  id: string;
  identity: string;
  hopKey: string;
  inviteHash: string;
  /** Milliseconds since 1970. */
  at: number;
}

const columns =
  'id, identity, hop_key, joined_at, label, facts, last_seen, left_at, interval_seconds, removed_at, rotated_at';

export class Roster {
  readonly #transaction: Transaction;
  readonly #keys: HopKeys;
  readonly #find;
  readonly #findByIdentity;
  readonly #all;
  readonly #hopKeys;
  readonly #insert;
  readonly #spend;
  readonly #rotate;
  readonly #setters;

  constructor(database: DatabaseSync, transaction: Transaction, hopKeys: HopKeys) {
    this.#transaction = transaction;
    this.#keys = hopKeys;
    this.#find = database.prepare(`SELECT ${columns} FROM nodes WHERE id = ?`);
    this.#findByIdentity = database.prepare(`SELECT ${columns} FROM nodes WHERE identity = ?`);
    this.#all = database.prepare(`SELECT ${columns} FROM nodes ORDER BY key`);
    this.#hopKeys = database.prepare('SELECT hop_key FROM nodes WHERE removed_at IS NULL AND hop_key <> ?');
    this.#insert = database.prepare(
      `INSERT INTO nodes (id, identity, hop_key, joined_at, label)
       VALUES (?, ?, ?, ?, (SELECT label FROM invites WHERE hash = ? AND names = 1))`,
    );
    this.#spend = database.prepare(
      `UPDATE invites SET spent_at = ?1, spent_by = ?2
       WHERE hash = ?3 AND spent_at IS NULL AND withdrawn_at IS NULL AND expires_seconds * 1000 > ?1`,
    );
    this.#rotate = database.prepare('UPDATE nodes SET identity = ?, rotated_at = ? WHERE id = ?');
    const set = (column: string) => database.prepare(`UPDATE nodes SET ${column} = ? WHERE id = ?`);
    this.#setters = {
      hopKey: set('hop_key'),
      label: set('label'),
      facts: set('facts'),
      seen: set('last_seen'),
      left: set('left_at'),
      interval: set('interval_seconds'),
      removed: set('removed_at'),
    };
  }

  find(id: string): RosterEntry | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : rosterEntry(row);
  }

  findByIdentity(identity: string): RosterEntry | undefined {
    const row = this.#findByIdentity.get(identity);
    return row === undefined ? undefined : rosterEntry(row);
  }

  /** In the order in which they joined. */
  all(): RosterEntry[] {
    return this.#all.all().map(rosterEntry);
  }

  /** Hop keys of the nodes that were not removed. */
  hopKeys(): Set<string> {
    return new Set(this.#hopKeys.all(noHopKey).map((row) => text(row, 'hop_key')));
  }

  /** Spends the invite and writes the node down, in one step. Throws where either can't be, and nothing changes. */
  enrol({ id, identity, hopKey, inviteHash, at }: Enrolled): void {
    this.#transaction(() => {
      this.#insert.run(id, identity, hopKey, at, inviteHash);
      this.#keys.add(id, hopKey, at);
      if (this.#spend.run(at, id, inviteHash).changes !== 1) throw new Error('the invite is not open');
    });
  }

  /** Throws where another node has that identity. */
  setIdentity(id: string, identity: string, atMs: number): void {
    this.#rotate.run(identity, atMs, id);
  }

  setHopKey(id: string, hopKey: string, atMs: number): void {
    this.#transaction(() => {
      this.#setters.hopKey.run(hopKey, id);
      this.#keys.add(id, hopKey, atMs);
    });
  }

  /** Null: it is called as it says itself. */
  setLabel(id: string, label: string | null): void {
    this.#setters.label.run(label, id);
  }

  setFacts(id: string, facts: Facts): void {
    this.#setters.facts.run(JSON.stringify(facts), id);
  }

  setSeen(id: string, atMs: number): void {
    this.#setters.seen.run(atMs, id);
  }

  setLeft(id: string, atMs: number): void {
    this.#setters.left.run(atMs, id);
  }

  /** Seconds between two samples. */
  setInterval(id: string, seconds: number): void {
    this.#setters.interval.run(seconds, id);
  }

  setRemoved(id: string, atMs: number): void {
    this.#setters.removed.run(atMs, id);
  }
}

function rosterEntry(row: Row): RosterEntry {
  const facts = textOrNull(row, 'facts');
  return {
    id: text(row, 'id'),
    identity: text(row, 'identity'),
    hopKey: text(row, 'hop_key'),
    joinedAt: integer(row, 'joined_at'),
    label: textOrNull(row, 'label'),
    facts: facts === null ? null : JSON.parse(facts),
    lastSeen: integerOrNull(row, 'last_seen'),
    leftAt: integerOrNull(row, 'left_at'),
    interval: integer(row, 'interval_seconds'),
    removedAt: integerOrNull(row, 'removed_at'),
    rotatedAt: integerOrNull(row, 'rotated_at'),
  };
}
