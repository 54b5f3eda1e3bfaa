/** A map whose entries fall out after a time, and the oldest where there are too many. */
export class ExpiringMap<Entry> {
  readonly #max: number;
  readonly #keepMs: number;
  readonly #end: (entry: Entry) => void;
  readonly #entries = new Map<string, { entry: Entry; until: number }>();

  /** @param end is called with what falls out, not with what is removed */
  constructor(max: number, keepMs: number, end: (entry: Entry) => void) {
    this.#max = max;
    this.#keepMs = keepMs;
    this.#end = end;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string): Entry | undefined {
    return this.#entries.get(key)?.entry;
  }

  /** @returns the entry that had to go for it, if one had */
  add(key: string, entry: Entry, nowMs: number): Entry | undefined {
    const [oldest] = this.#entries;
    const full = this.#entries.size >= this.#max;
    if (full && oldest) this.#drop(oldest[0], oldest[1].entry);
    this.#entries.set(key, { entry, until: nowMs + this.#keepMs });
    return full ? oldest?.[1].entry : undefined;
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  /** Lets the entry fall out, if there is one. */
  drop(key: string): void {
    const found = this.#entries.get(key);
    if (found) this.#drop(key, found.entry);
  }

  dropExpired(nowMs: number): void {
    for (const [key, { entry, until }] of this.#entries) {
      if (nowMs < until) return;
      this.#drop(key, entry);
    }
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#end(entry);
  }
}
