import type { DatabaseSync } from 'node:sqlite';
import { type Action, Outcome } from '../fleet/views.ts';
import { integer, integerOrNull, type Row, text, textOrNull } from './row.ts';
import type { Transaction } from './transactions.ts';

/** Times in milliseconds since 1970. */
export interface CommandEntry {
  id: string;
  issued: number;
  expires: number;
  /** The name of the person. */
  by: string;
  action: Action;
  everyone: boolean;
  /** The broadcast number; null where it was not broadcast. */
  number: number | null;
}

export interface NewCommand extends CommandEntry {
  /** Ids of nodes in the roster; of all that were members, where it is for everyone. */
  targets: readonly string[];
}

interface ReceiptEntry {
  node: string;
  outcome: Outcome;
  detail: string | null;
  /** The end of what a program wrote. */
  output: string | null;
  at: number | null;
}

type Answer = Exclude<Outcome, 'waiting'>;

/** What a receipt says, but of which command. */
export interface Told {
  outcome: Answer;
  detail: string | null;
  output: string | null;
}

export interface CommandRecord extends CommandEntry {
  receipts: ReceiptEntry[];
}

const columns = 'id, issued, expires, by, action, everyone, number';

export class Commands {
  readonly #transaction: Transaction;
  readonly #insert;
  readonly #await;
  readonly #answer;
  readonly #lateAnswer;
  readonly #find;
  readonly #byNumber;
  readonly #recent;
  readonly #unanswered;
  readonly #receipts;
  readonly #giveUp;
  readonly #rotation;
  readonly #reopen;

  constructor(database: DatabaseSync, transaction: Transaction) {
    this.#transaction = transaction;
    this.#insert = database.prepare(`INSERT INTO commands (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
    this.#await = database.prepare("INSERT INTO receipts (command, node, outcome) VALUES (?, ?, 'waiting')");
    this.#answer = database.prepare(
      "UPDATE receipts SET outcome = ?, detail = ?, output = ?, at = ? WHERE command = ? AND node = ? AND outcome = 'waiting'",
    );
    // A node that joined after a broadcast may hear it too.
    this.#lateAnswer = database.prepare(
      `INSERT INTO receipts (outcome, detail, output, at, command, node)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM commands JOIN nodes ON nodes.id = ?6 WHERE commands.id = ?5 AND everyone = 1
       ON CONFLICT (command, node) DO NOTHING`,
    );
    this.#find = database.prepare(`SELECT ${columns} FROM commands WHERE id = ?`);
    this.#byNumber = database.prepare(
      `SELECT ${columns} FROM commands JOIN receipts ON receipts.command = commands.id WHERE number = ? AND node = ?`,
    );
    this.#recent = database.prepare(`SELECT ${columns} FROM commands ORDER BY issued DESC, rowid DESC LIMIT ?`);
    this.#unanswered = database.prepare(
      `SELECT ${columns} FROM commands JOIN receipts ON receipts.command = commands.id
       WHERE node = ? AND outcome = 'waiting' AND expires > ? ORDER BY issued, commands.rowid`,
    );
    this.#receipts = database.prepare(
      `SELECT node, outcome, detail, output, at FROM receipts JOIN nodes ON nodes.id = receipts.node
       WHERE command = ? ORDER BY nodes.key`,
    );
    this.#giveUp = database.prepare(
      `UPDATE receipts SET outcome = 'expired', detail = ?1, at = ?2 WHERE node = ?3 AND outcome = 'waiting'
       AND command IN (SELECT id FROM commands WHERE expires > ?2) RETURNING command`,
    );
    this.#reopen = database.prepare(
      "UPDATE receipts SET outcome = 'waiting', detail = NULL, output = NULL, at = NULL WHERE command = ? AND node = ?",
    );
    this.#rotation = database.prepare(
      `SELECT 1 FROM commands JOIN receipts ON receipts.command = commands.id
       WHERE node = ? AND outcome = 'waiting' AND expires > ? AND action ->> 'type' = 'rotate' LIMIT 1`,
    );
  }

  add({ id, issued, expires, by, action, everyone, number, targets }: NewCommand): void {
    this.#transaction(() => {
      this.#insert.run(id, issued, expires, by, JSON.stringify(action), everyone ? 1 : 0, number);
      for (const node of targets) this.#await.run(id, node);
    });
  }

  /** True where it is the first from a node that the command was for; a later one changes nothing. */
  receipt(command: string, node: string, { outcome, detail, output }: Told, atMs: number): boolean {
    const values = [outcome, detail, output, atMs, command, node] as const;
    return this.#answer.run(...values).changes === 1 || this.#lateAnswer.run(...values).changes === 1;
  }

  /** What `node` has not answered and can still do, oldest first. */
  unanswered(node: string, nowMs: number): CommandEntry[] {
    return this.#unanswered.all(node, nowMs).map(commandEntry);
  }

  /** Nothing more is awaited of `node`. Gives the ids of the commands that it could still have done. */
  giveUp(node: string, detail: string, atMs: number): string[] {
    return this.#giveUp.all(detail, atMs, node).map((row) => text(row, 'command'));
  }

  /** A receipt that was not the node's own: its own is awaited again. */
  reopen(command: string, node: string): void {
    this.#reopen.run(command, node);
  }

  /** Whether `node` was ordered to take a new identity, and has not answered; `sinceMs`: the order expired after it, or will. */
  awaitsRotation(node: string, sinceMs: number): boolean {
    return this.#rotation.get(node, sinceMs) !== undefined;
  }

  find(id: string): CommandRecord | undefined {
    return this.#record(this.#find.get(id));
  }

  /** The broadcast of that number, without its receipts; undefined where `node` was no member when it was given. */
  byNumber(number: number, node: string): CommandEntry | undefined {
    const row = this.#byNumber.get(number, node);
    return row === undefined ? undefined : commandEntry(row);
  }

  /** Newest first. */
  recent(limit: number): CommandRecord[] {
    return this.#recent.all(limit).flatMap((row) => this.#record(row) ?? []);
  }

  #record(row: Row | undefined): CommandRecord | undefined {
    if (row === undefined) return undefined;
    const entry = commandEntry(row);
    return { ...entry, receipts: this.#receipts.all(entry.id).map(receiptEntry) };
  }
}

function commandEntry(row: Row): CommandEntry {
  return {
    id: text(row, 'id'),
    issued: integer(row, 'issued'),
    expires: integer(row, 'expires'),
    by: text(row, 'by'),
    action: JSON.parse(text(row, 'action')),
    everyone: integer(row, 'everyone') === 1,
    number: integerOrNull(row, 'number'),
  };
}

function receiptEntry(row: Row): ReceiptEntry {
  const outcome = Outcome.anyOf.find((literal) => literal.const === row['outcome']);
  if (outcome === undefined) throw new Error('column outcome does not hold what the schema says');
  return {
    node: text(row, 'node'),
    outcome: outcome.const,
    detail: textOrNull(row, 'detail'),
    output: textOrNull(row, 'output'),
    at: integerOrNull(row, 'at'),
  };
}
