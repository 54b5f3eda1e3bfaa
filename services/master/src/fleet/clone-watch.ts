// Nodes whose identity runs on two machines (PROTOCOL.md, Instances): which instance stays, and who has tried since. In memory
// alone: after a start of the master it is found again by itself.

export interface Cloned {
  /** Milliseconds since 1970. */
  since: number;
  /** How often another instance was refused since. */
  tries: number;
}

export class CloneWatch {
  readonly #found = new Map<string, Cloned & { stays: string }>();

  /** Two instances of `node` run, and `stays` is the older one. */
  found(node: string, stays: string, nowMs: number): void {
    this.#found.set(node, { stays, since: nowMs, tries: 0 });
  }

  isHeldOut(node: string, instance: string): boolean {
    const cloned = this.#found.get(node);
    return cloned !== undefined && cloned.stays !== instance;
  }

  tried(node: string): void {
    const cloned = this.#found.get(node);
    if (cloned !== undefined) cloned.tries += 1;
  }

  /** The next instance that joins is taken. True where one was held out. */
  forget(node: string): boolean {
    return this.#found.delete(node);
  }

  of(node: string): Cloned | null {
    const cloned = this.#found.get(node);
    return cloned === undefined ? null : { since: cloned.since, tries: cloned.tries };
  }
}
