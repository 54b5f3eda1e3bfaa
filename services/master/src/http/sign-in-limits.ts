// Tries to sign in are counted by address and by name; after some that failed, each next one has to wait longer.
import { createHmac, randomBytes } from 'node:crypto';
import { addressGroup } from './address-group.ts';

const freeTries = 5;
const firstWaitMs = 1000;
const addressWaitMaxMs = 15 * 60_000;
/** Shorter: whoever knows a name could keep its owner out. */
const nameWaitMaxMs = 30_000;
const forgetMs = 3_600_000;
const addressesMax = 10_000;
const knownMax = 1000;

interface Tries {
  count: number;
  lastAt: number;
  waitUntil: number;
}

export class SignInLimits {
  readonly #key = randomBytes(32);
  readonly #addresses = new Map<string, Tries>();
  readonly #names = new Map<number, Tries>();
  /** Addresses from which a name was signed in: nobody elsewhere can make them wait for that name. */
  readonly #known = new Map<string, true>();

  /** Counts a try, before it is known how it ends. Gives 0, or the milliseconds to wait; the try is not counted then. */
  take(address: string, name: string, nowMs: number): number {
    const group = addressGroup(address);
    const slot = this.#slot(name);
    const byAddress = current(this.#addresses.get(group), nowMs);
    const isKnown = this.#known.has(pair(group, slot));
    const byName = isKnown ? undefined : current(this.#names.get(slot), nowMs);
    const waitUntil = Math.max(byAddress?.waitUntil ?? 0, byName?.waitUntil ?? 0);
    if (waitUntil > nowMs) return waitUntil - nowMs;
    keep(this.#addresses, group, counted(byAddress, nowMs, addressWaitMaxMs), addressesMax);
    if (!isKnown) this.#names.set(slot, counted(byName, nowMs, nameWaitMaxMs));
    return 0;
  }

  /** The try takes itself back, and none of those before it: they may have been for another's password. */
  succeeded(address: string, name: string): void {
    const group = addressGroup(address);
    const slot = this.#slot(name);
    refund(this.#addresses, group);
    refund(this.#names, slot);
    keep(this.#known, pair(group, slot), true, knownMax);
  }

  /** One of 4096, so that made-up names take no memory and push nobody out. */
  #slot(name: string): number {
    return createHmac('sha256', this.#key).update(name).digest().readUInt16BE(0) % 4096;
  }
}

function pair(group: string, slot: number): string {
  return `${slot} ${group}`;
}

function current(tries: Tries | undefined, nowMs: number): Tries | undefined {
  return tries !== undefined && nowMs - tries.lastAt < forgetMs ? tries : undefined;
}

function counted(tries: Tries | undefined, nowMs: number, waitMaxMs: number): Tries {
  const count = (tries?.count ?? 0) + 1;
  const waitMs = count < freeTries ? 0 : Math.min(waitMaxMs, firstWaitMs * 2 ** (count - freeTries));
  return { count, lastAt: nowMs, waitUntil: nowMs + waitMs };
}

function refund<Key>(map: Map<Key, Tries>, key: Key): void {
  const tries = map.get(key);
  if (tries === undefined) return;
  if (tries.count <= 1) map.delete(key);
  else map.set(key, { ...tries, count: tries.count - 1, waitUntil: 0 });
}

/** The one that was kept longest ago goes where there are more than `max`. */
function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
