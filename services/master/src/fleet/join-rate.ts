// How often a node may come: each join costs the master work and a write to the disk (PROTOCOL.md, CONFIRM).
const burst = 4;
const everyMs = 1000;

export class JoinRate {
  /** Of nodes that may join alone, so no more than there are in the roster. */
  readonly #nodes = new Map<string, { left: number; atMs: number }>();

  /** Whether one more join of `node` is taken; counts it, if it is. */
  take(node: string, nowMs: number): boolean {
    const before = this.#nodes.get(node) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, before.left + Math.max(0, nowMs - before.atMs) / everyMs);
    const isTaken = left >= 1;
    this.#nodes.set(node, { left: isTaken ? left - 1 : left, atMs: nowMs });
    return isTaken;
  }
}
