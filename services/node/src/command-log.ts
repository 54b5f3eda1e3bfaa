// The commands that were begun, so that each is done at most once, also over a crash: an id is on disk before its command is
// acted on, and one without an outcome after a start was interrupted and is not tried again. A line of JSON is what is
// known of a command; a later line of the same id takes the place of an earlier one.
import { closeSync, fdatasyncSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { receiptSchema, type Receipt } from '@sealcast/channel/payloads';
import * as v from 'valibot';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/** How a command ended, as its receipt tells it. */
export type Outcome = Omit<Receipt, 'command'>;

const interrupted: Outcome = { outcome: 'failed', detail: 'interrupted' };

const entrySchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  expires: v.number(),
  outcome: v.exactOptional(receiptSchema.entries.outcome),
  detail: receiptSchema.entries.detail,
});
type Entry = v.InferOutput<typeof entrySchema>;

/**
 * @param stateFolder the log is its file `commands`
 * @param maxEntries more than can be unexpired at a time: those that expire first are forgotten first
 */
export function openCommandLog(stateFolder: string, maxEntries = 1024): CommandLog {
  return new CommandLog(join(stateFolder, 'commands'), maxEntries);
}

export class CommandLog {
  readonly #path: string;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();
  #lines = 0;
  // Undefined where the file does not end as it should: it is written anew with the next entry.
  #file: number | undefined;

  constructor(path: string, maxEntries: number) {
    this.#path = path;
    this.#maxEntries = maxEntries;
    for (const entry of parse(readPrivateFile(path) ?? '')) {
      this.#entries.delete(entry.id);
      this.#entries.set(entry.id, entry.outcome === undefined ? { ...entry, ...interrupted } : entry);
    }
    try {
      this.#writeAll();
    } catch {
      // Nothing can be begun until the disk takes something again; a node that only watches can go on.
    }
  }

  /** How a command ended that was begun before, maybe by an earlier run; undefined for one that never was. */
  outcomeOf(id: string): Outcome | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const { outcome, detail } = entry;
    if (outcome === undefined) return interrupted;
    return detail === undefined ? { outcome } : { outcome, detail };
  }

  /**
   * Durable when it returns; the command may be acted on then, and only then.
   * @param id 32 hex digits
   * @param expires ms since 1970
   * @throws where the command was begun before, or can't be written down
   */
  begin(id: string, expires: number): void {
    if (this.#entries.has(id)) throw new Error('the command was begun before');
    try {
      this.#add({ id, expires });
    } catch (cause) {
      // It has not been done, and it won't be when the disk takes something again: the master is told so.
      this.#entries.set(id, { id, expires, outcome: 'failed', detail: 'could not be written down' });
      throw new Error('the command could not be written down', { cause });
    }
  }

  finish(id: string, outcome: Outcome['outcome'], detail?: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error('the command was not begun');
    const finished = { ...entry, outcome, ...(detail === undefined ? {} : { detail }) };
    try {
      this.#add(finished);
    } catch {
      // It is done: this run knows it and tells so, another one that it was interrupted.
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    if (this.#entries.size > this.#maxEntries) this.#forgetBut(entry);
    if (this.#file === undefined || this.#lines >= 4 * this.#maxEntries) return this.#writeAll();
    try {
      writeFileSync(this.#file, `${JSON.stringify(entry)}\n`);
      fdatasyncSync(this.#file);
      this.#lines += 1;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #forgetBut(kept: Entry): void {
    const others = [...this.#entries.values()].filter((entry) => entry !== kept);
    this.#entries.delete(others.reduce((a, b) => (b.expires < a.expires ? b : a)).id);
  }

  #writeAll(): void {
    this.close();
    const lines = [...this.#entries.values()].map((entry) => `${JSON.stringify(entry)}\n`);
    writePrivateFile(this.#path, lines.join(''));
    this.#file = openSync(this.#path, 'a');
    this.#lines = lines.length;
  }
}

// A line that a crash left unfinished is no JSON; its command was not acted on.
function parse(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [v.parse(entrySchema, JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
