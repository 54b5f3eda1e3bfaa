// The commands that were begun, so that each is done at most once, also over a crash: an id is on disk before its command is
// acted on, and one without an outcome after a start was interrupted and is not tried again. A line of JSON is what is
// known of a command; a later line of the same id takes the place of an earlier one.
import { closeSync, fdatasyncSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { receiptSchema, type Receipt } from '@sealcast/channel/payloads';
import * as v from 'valibot';
import { readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';

/** How a command ended, as its receipt tells it. `output` is kept in memory alone, and of the last few commands. */
export type Outcome = Omit<Receipt, 'command'>;

const interrupted: Outcome = { outcome: 'failed', detail: 'interrupted' };

const entrySchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  expires: v.number(),
  outcome: v.exactOptional(receiptSchema.entries.outcome),
  detail: receiptSchema.entries.detail,
});
type Entry = v.InferOutput<typeof entrySchema>;

// A receipt that was lost is asked for within seconds, and at 4 KiB each, all of them would cost more than the node.
const outputsMax = 8;

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
  readonly #outputs = new Map<string, string>();
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
    const output = this.#outputs.get(id);
    return { outcome, ...(detail === undefined ? {} : { detail }), ...(output === undefined ? {} : { output }) };
  }

  /** Whether this run has begun the command, and not finished it yet. */
  isUnderWay(id: string): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && entry.outcome === undefined;
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

  finish(id: string, outcome: Outcome['outcome'], detail?: string, output?: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error('the command was not begun');
    if (output !== undefined) this.#keepOutput(id, output);
    const finished = { ...entry, outcome, ...(detail === undefined ? {} : { detail }) };
    try {
      this.#add(finished);
    } catch {
      // It is done: this run knows it and tells so, another one that it was interrupted.
    }
  }

  /**
   * A command that an earlier run began goes on in this one: its outcome is still to come.
   * @returns false where it was forgotten
   */
  resume(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    try {
      this.#add({ id, expires: entry.expires });
    } catch {
      // Another start finds it interrupted, as this one did.
    }
    return true;
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

  // One that is under way is to be finished yet.
  #forgetBut(kept: Entry): void {
    const others = [...this.#entries.values()].filter((entry) => entry !== kept);
    const over = others.filter((entry) => entry.outcome !== undefined);
    const { id } = (over.length > 0 ? over : others).reduce((a, b) => (b.expires < a.expires ? b : a));
    this.#entries.delete(id);
    this.#outputs.delete(id);
  }

  #keepOutput(id: string, output: string): void {
    this.#outputs.set(id, output);
    const [oldest] = this.#outputs.keys();
    if (this.#outputs.size > outputsMax && oldest !== undefined) this.#outputs.delete(oldest);
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
