import type { DatabaseSync } from 'node:sqlite';
import type { History, Sample } from '../fleet/views.ts';
import { chartColumns, chartValues } from './chart-columns.ts';
import { historyReader } from './history.ts';
import { integer, text } from './row.ts';
import type { Transaction } from './transactions.ts';

/** Characters of a sample as JSON. A report of 64 KiB of CBOR stays far below it. */
const bodyMax = 2 ** 19;
/** Of a sample that is not its node's newest, a longer one is not kept: charts are drawn from the columns. */
const olderBodyMax = 2 ** 13;
const shortestIntervalSeconds = 1;

/** How many samples an honest node takes in that time at most. */
export function samplesIn(hours: number): number {
  return (hours * 3600) / shortestIntervalSeconds;
}

const names = chartColumns.map(({ name }) => name);

export class Samples {
  readonly #transaction: Transaction;
  readonly #node;
  readonly #insert;
  readonly #advance;
  readonly #newest;
  readonly #nodes;
  readonly #prune;
  readonly #shorten;
  readonly #outnumbered;
  readonly #erase;
  readonly #newestWithin;
  readonly #rewind;
  readonly #drop;
  readonly #perNode: number;
  /** `fromMs` is in, `toMs` is not; at most `maxPoints` points. */
  readonly history: (id: string, fromMs: number, toMs: number, maxPoints: number) => History;

  /** Of each node at most `perNode` samples are kept, those with the highest numbers. */
  constructor(database: DatabaseSync, transaction: Transaction, perNode: number) {
    this.#transaction = transaction;
    this.#perNode = perNode;
    this.#node = database.prepare('SELECT key, through FROM nodes WHERE id = ?');
    this.#insert = database.prepare(
      `INSERT INTO samples (node, number, at, ${names.join(', ')}, body)
       VALUES (?, ?, ?, ${names.map(() => '?').join(', ')}, ?) ON CONFLICT (node, number) DO NOTHING`,
    );
    this.#advance = database.prepare('UPDATE nodes SET through = ? WHERE key = ? AND through < ?1');
    this.#newest = database.prepare(
      "SELECT body FROM samples WHERE node = (SELECT key FROM nodes WHERE id = ?) AND body <> '' ORDER BY number DESC LIMIT 1",
    );
    this.#nodes = database.prepare('SELECT key, through FROM nodes');
    this.#prune = database.prepare('DELETE FROM samples WHERE node = ? AND at < ? AND number <> ?');
    this.#shorten = database.prepare("UPDATE samples SET body = '' WHERE node = ? AND number = ? AND length(body) > ?");
    this.#outnumbered = database.prepare('DELETE FROM samples WHERE node = ? AND number <= ?');
    this.#erase = database.prepare(
      `DELETE FROM samples WHERE rowid IN
       (SELECT samples.rowid FROM samples JOIN nodes ON nodes.key = samples.node WHERE nodes.id = ? LIMIT ?)`,
    );
    this.#newestWithin = database.prepare(
      'SELECT coalesce(max(number), 0) AS number FROM samples WHERE node = ? AND number <= ?',
    );
    this.#rewind = database.prepare('UPDATE nodes SET through = ? WHERE key = ?');
    this.#drop = database.prepare('DELETE FROM samples WHERE node = ? AND number > ?');
    this.history = historyReader(database);
  }

  /** One transaction; a number that is there already stays as it is. Throws where a node is not in the roster. */
  insert(batch: { node: string; samples: readonly Sample[] }[]): void {
    this.#transaction(() => {
      for (const { node, samples } of batch) {
        const { key, through: before } = this.#roster(node);
        const through = samples.reduce((highest, { number }) => Math.max(highest, number), before);
        for (const sample of samples) this.#add(key, sample, through);
        if (through > before) this.#shorten.run(key, before, olderBodyMax);
        this.#outnumbered.run(key, through - this.#perNode);
        this.#advance.run(through, key);
      }
    });
  }

  /** The highest number that is, or was before a prune, on disk; 0 where there is none. */
  through(id: string): number {
    return this.#roster(id).through;
  }

  newest(id: string): Sample | null {
    const row = this.#newest.get(id);
    return row === undefined ? null : JSON.parse(text(row, 'body'));
  }

  /** Deletes what was taken before, but for each node's newest sample. Gives how many. */
  prune(beforeMs: number): number {
    return this.#transaction(() => {
      let pruned = 0;
      for (const row of this.#nodes.all())
        pruned += Number(this.#prune.run(integer(row, 'key'), beforeMs, integer(row, 'through')).changes);
      return pruned;
    });
  }

  /** Deletes at most `limit` samples of a node. Gives how many: fewer where these were the last. */
  erase(id: string, limit: number): number {
    return Number(this.#erase.run(id, limit).changes);
  }

  /** Drops what a copy of the node said: every sample above `through`, and above the newest of up to `reported`. */
  rewind(id: string, through: number, reported: number): void {
    this.#transaction(() => {
      const { key } = this.#roster(id);
      const own = integer(this.#newestWithin.get(key, reported) ?? {}, 'number');
      const last = Math.max(through, own);
      this.#drop.run(key, last);
      this.#rewind.run(last, key);
    });
  }

  #add(key: number, sample: Sample, through: number): void {
    const body = JSON.stringify(sample);
    // Kept out rather than thrown: it would come again and again, and take other nodes' samples with it.
    if (body.length > bodyMax) return;
    const values = chartValues(sample);
    const kept = sample.number === through || body.length <= olderBodyMax ? body : '';
    this.#insert.run(key, sample.number, sample.at, ...names.map((name) => values[name]), kept);
  }

  #roster(id: string): { key: number; through: number } {
    const row = this.#node.get(id);
    if (row === undefined) throw new Error('samples of a node that is not in the roster');
    return { key: integer(row, 'key'), through: integer(row, 'through') };
  }
}
