// How many may be connected at once, in all and from one address, and who has to go for a newcomer.
import type { CutReason } from './cuts.ts';
import type { CrowdLimits } from './limits.ts';

export interface Member {
  readonly group: string;
  readonly isAdmitted: boolean;
  /** Makes room for nobody. */
  readonly isRelay: boolean;
  cut(reason: CutReason): void;
}

export class Crowd<One extends Member> {
  readonly #limits: CrowdLimits;
  /** Each oldest first. */
  readonly #all = new Set<One>();
  readonly #waiting = new Set<One>();
  readonly #groups = new Map<string, Set<One>>();

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<One> {
    return this.#all.values();
  }

  /** Takes `one` in. Where there are too many, who has waited longest for ZAP is cut, or else `one` itself. */
  add(one: One): void {
    const group = this.#groups.get(one.group) ?? new Set();
    if (group.size >= this.#limits.perAddress) {
      const leaver = firstOf(group, ({ isAdmitted }) => !isAdmitted) ?? this.#oldest(group) ?? one;
      this.#cut(leaver, 'cut.address');
      if (leaver === one) return;
    }
    if (this.#all.size >= this.#limits.all) {
      const [oldestWaiting] = this.#waiting;
      const leaver = oldestWaiting ?? this.#oldest(this.#all) ?? one;
      this.#cut(leaver, 'cut.crowd');
      if (leaver === one) return;
    }
    this.#all.add(one);
    this.#waiting.add(one);
    this.#groups.set(one.group, (this.#groups.get(one.group) ?? new Set()).add(one));
  }

  admitted(one: One): void {
    this.#waiting.delete(one);
  }

  remove(one: One): void {
    this.#all.delete(one);
    this.#waiting.delete(one);
    const group = this.#groups.get(one.group);
    group?.delete(one);
    if (group?.size === 0) this.#groups.delete(one.group);
  }

  #oldest(members: Iterable<One>): One | undefined {
    return this.#limits.evictsAdmitted ? firstOf(members, ({ isRelay }) => !isRelay) : undefined;
  }

  // Its place is free at once, and not only when its sockets have closed.
  #cut(one: One, reason: CutReason): void {
    this.remove(one);
    one.cut(reason);
  }
}

function firstOf<T>(items: Iterable<T>, matches: (item: T) => boolean): T | undefined {
  for (const item of items) if (matches(item)) return item;
  return undefined;
}
