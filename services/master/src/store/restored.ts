// What becomes of a store that was put back from a copy (PROTOCOL.md, A master that was put back): what its owner did since is not in it.
import type { Store } from './store.ts';

const leapLeast = 2 ** 32;
const leapsAMillisecond = 2 ** 10;

export interface Restored {
  /** Invites that were open in the copy. */
  withdrawn: number;
  /** Nodes that are members. */
  nodes: number;
}

/**
 * Makes the copy fit to go on from: numbers that may have been given since are never given again, invites that may have been spent or
 * withdrawn since let nobody in, and nobody is signed in. One transaction.
 */
export function goOnFromCopy(store: Store, nowMs: number): Restored {
  return store.transaction(() => {
    for (const name of ['epoch', 'broadcast']) store.counters.leap(name, leapFrom(store.counters.value(name), nowMs));
    store.webSessions.clear();
    const withdrawn = store.invites.withdrawAll(nowMs);
    return { withdrawn, nodes: store.roster.all().filter(({ removedAt }) => removedAt === null).length };
  });
}

/** Above all that can have been given after `value`, also by a store that was put back from the same copy before. */
export function leapFrom(value: number, nowMs: number): number {
  return Math.max(value + leapLeast, nowMs * leapsAMillisecond);
}
