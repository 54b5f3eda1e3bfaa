// What a connection waits for, and what comes where it waits too long.

export class Waits<Name> {
  readonly #timers = new Map<Name, NodeJS.Timeout>();

  /** Calls `act` after so long, unless it is asked for anew or stopped before. */
  later(name: Name, ms: number, act: () => void): void {
    this.stop(name);
    this.#timers.set(name, setTimeout(act, ms));
  }

  stop(name: Name): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  stopAll(): void {
    for (const name of this.#timers.keys()) this.stop(name);
  }
}
