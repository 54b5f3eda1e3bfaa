// What of one port waits for the master.
export class Window {
  readonly #max: { count: number; bytes: number };
  /** Lengths, the oldest first. */
  readonly #waiting: number[] = [];
  #bytes = 0;
  #room = Promise.withResolvers<void>();

  constructor(max: { count: number; bytes: number }) {
    this.#max = max;
  }

  /** @returns what to wait for before the next, where it is full */
  arrived(bytes: number): Promise<void> | undefined {
    this.#waiting.push(bytes);
    this.#bytes += bytes;
    return this.#isFull ? this.#room.promise : undefined;
  }

  /** The oldest `count`. */
  handled(count: number): void {
    for (const bytes of this.#waiting.splice(0, count)) this.#bytes -= bytes;
    if (this.#isFull) return;
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#max.count || this.#bytes >= this.#max.bytes;
  }
}
