// Every hop key that a node ever had (PROTOCOL.md, Mechanisms): whom it is removed with, and who else may not have it.
import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from './row.ts';

/** Under NULL everyone has it. */
export const noHopKey = '0'.repeat(64);

/** Keys are 64 hexadecimal digits; the one that stands for none is nobody's. */
export class HopKeys {
  readonly #add;
  readonly #of;
  readonly #newest;
  readonly #find;
  readonly #isAnothers;
  readonly #isRemoveds;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO hop_keys (hop_key, node, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#of = database.prepare('SELECT hop_key FROM hop_keys WHERE node = ?');
    this.#newest = database.prepare('SELECT coalesce(max(added_at), 0) AS at FROM hop_keys WHERE node = ?');
    this.#find = database.prepare('SELECT node FROM hop_keys WHERE hop_key = ?');
    this.#isAnothers = database.prepare('SELECT 1 FROM hop_keys WHERE hop_key = ? AND node <> ? LIMIT 1');
    this.#isRemoveds = database.prepare(
      `SELECT 1 FROM hop_keys JOIN nodes ON nodes.id = hop_keys.node
       WHERE hop_keys.hop_key = ? AND nodes.removed_at IS NOT NULL LIMIT 1`,
    );
  }

  /** One that it has had already stays as it is. */
  add(node: string, hopKey: string, atMs: number): void {
    if (hopKey !== noHopKey) this.#add.run(hopKey, node, atMs);
  }

  of(node: string): string[] {
    return this.#of.all(node).map((row) => text(row, 'hop_key'));
  }

  /** When `node` came with a hop key that it had not had before, in milliseconds since 1970. */
  newestOf(node: string): number {
    return integer(this.#newest.get(node) ?? {}, 'at');
  }

  /** Nodes, removed or not, that ever had it. */
  nodes(hopKey: string): string[] {
    return this.#find.all(hopKey).map((row) => text(row, 'node'));
  }

  /** Whether a node, removed or not, ever had it. */
  isNodes(hopKey: string): boolean {
    return this.#find.get(hopKey) !== undefined;
  }

  /** Whether another node than `node`, removed or not, ever had it. */
  isAnothers(hopKey: string, node: string): boolean {
    return this.#isAnothers.get(hopKey, node) !== undefined;
  }

  /** Whether a node that was removed ever had it. */
  isRemoveds(hopKey: string): boolean {
    return this.#isRemoveds.get(hopKey) !== undefined;
  }
}
