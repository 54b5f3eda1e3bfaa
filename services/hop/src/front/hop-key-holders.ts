// The connections that were let in by a hop key: how many there may be of each, which go when it is taken off the list, and which are
// a relay's.
import type { Connection } from './connection.ts';
import { perHopKey } from './limits.ts';

export class HopKeyHolders {
  /** By hop key, each oldest first. */
  readonly #keys = { join: new Map<string, Set<Connection>>(), data: new Map<string, Set<Connection>>() };

  add(connection: Connection): void {
    const { hopKey, isJoin } = connection;
    if (hopKey === undefined) return;
    const keys = isJoin ? this.#keys.join : this.#keys.data;
    const same = keys.get(hopKey) ?? new Set();
    keys.set(hopKey, same.add(connection));
    if (!isJoin) bound(same);
    this.#spreadRelay(hopKey);
  }

  remove(connection: Connection): void {
    const { hopKey = '', isJoin } = connection;
    const keys = isJoin ? this.#keys.join : this.#keys.data;
    const same = keys.get(hopKey);
    same?.delete(connection);
    if (same?.size === 0) keys.delete(hopKey);
  }

  /** Cuts every connection to the data ports that was let in by this hop key, in hexadecimal; a relay's to the join ports too. */
  drop(hopKey: string): void {
    const joining = [...(this.#keys.join.get(hopKey) ?? [])].filter(({ isRelay }) => isRelay);
    for (const connection of [...(this.#keys.data.get(hopKey) ?? []), ...joining]) connection.cut('cut.removed');
  }

  /** Hop keys, in hexadecimal, of the relays that are connected to both data ports. */
  relays(): string[] {
    return [...this.#keys.data].filter(([, same]) => hasBothWays(same)).map(([hopKey]) => hopKey);
  }

  // ZAP tells a relay from a node on the data ports alone: what has its key on the join ports is the relay's as well.
  #spreadRelay(hopKey: string): void {
    const isRelay = [...(this.#keys.data.get(hopKey) ?? [])].some((connection) => connection.isRelay);
    if (!isRelay) return;
    const joining = this.#keys.join.get(hopKey) ?? new Set();
    for (const connection of joining) connection.becomeRelay();
    bound(joining);
  }
}

function hasBothWays(same: Set<Connection>): boolean {
  const ports = new Set([...same].filter(({ isRelay }) => isRelay).map(({ port }) => port));
  return ports.has('dataIn') && ports.has('dataOut');
}

function bound(same: Set<Connection>): void {
  for (const oldest of same) {
    if (same.size <= perHopKey) return;
    oldest.cut('cut.key');
  }
}
