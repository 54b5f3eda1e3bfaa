// How many may be connected at once, in all and from one address, and who has to go for a newcomer: somebody of the address that has
// most there, so that who comes from many addresses drives out those of its own first. Which one is drawn: whoever comes at the right
// time is no safer than the others.
import { randomInt } from 'node:crypto';
import type { PortName } from '../sockets.ts';
import type { CutReason } from './cuts.ts';
import type { CrowdLimits } from './limits.ts';

export interface Member {
  readonly group: string;
  readonly port: PortName;
  readonly isAdmitted: boolean;
  /** Makes room for nobody. */
  readonly isRelay: boolean;
  cut(reason: CutReason): void;
}

export class Crowd<One extends Member> {
  readonly #limits: CrowdLimits;
  readonly #all = new Set<One>();
  readonly #groups = new Map<string, Set<One>>();
  /** By port and group: who has one connection on each port has no more than who has one alone. */
  readonly #here = new Map<string, Set<One>>();
  /** Of those, who is not through ZAP. */
  readonly #waiting = new Map<string, Set<One>>();

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<One> {
    return this.#all.values();
  }

  /** Takes `one` in. Where there are too many, somebody of those who have most is cut, or else `one` itself. */
  add(one: One): void {
    const group = this.#groups.get(one.group) ?? new Set();
    if (group.size >= this.#limits.perAddress) {
      const leaver = drawn(group, ({ isAdmitted }) => !isAdmitted) ?? this.#ofAdmitted(group) ?? one;
      this.#cut(leaver, 'cut.address');
      if (leaver === one) return;
    }
    if (this.#all.size >= this.#limits.all) {
      const leaver = this.#ofLargest() ?? one;
      this.#cut(leaver, 'cut.crowd');
      if (leaver === one) return;
    }
    this.#all.add(one);
    put(this.#groups, one.group, one);
    for (const shares of [this.#here, this.#waiting]) put(shares, shareOf(one), one);
  }

  admitted(one: One): void {
    take(this.#waiting, shareOf(one), one);
  }

  remove(one: One): void {
    this.#all.delete(one);
    take(this.#groups, one.group, one);
    for (const shares of [this.#here, this.#waiting]) take(shares, shareOf(one), one);
  }

  #ofLargest(): One | undefined {
    let most = 0;
    let leaver: One | undefined;
    const shares = this.#limits.evictsAdmitted ? this.#here : this.#waiting;
    for (const [share, members] of shares) {
      if (members.size <= most) continue;
      const candidate = drawn(this.#waiting.get(share) ?? []) ?? this.#ofAdmitted(members);
      if (candidate === undefined) continue;
      most = members.size;
      leaver = candidate;
    }
    return leaver;
  }

  #ofAdmitted(members: Iterable<One>): One | undefined {
    return this.#limits.evictsAdmitted ? drawn(members, ({ isRelay }) => !isRelay) : undefined;
  }

  // Its place is free at once, and not only when its sockets have closed.
  #cut(one: One, reason: CutReason): void {
    this.remove(one);
    one.cut(reason);
  }
}

function shareOf({ port, group }: Member): string {
  return `${port} ${group}`;
}

function put<T>(sets: Map<string, Set<T>>, name: string, one: T): void {
  sets.set(name, (sets.get(name) ?? new Set()).add(one));
}

function take<T>(sets: Map<string, Set<T>>, name: string, one: T): void {
  const set = sets.get(name);
  set?.delete(one);
  if (set?.size === 0) sets.delete(name);
}

function drawn<T>(items: Iterable<T>, matches: (item: T) => boolean = () => true): T | undefined {
  const those = [...items].filter(matches);
  return those.length === 0 ? undefined : those[randomInt(those.length)];
}
