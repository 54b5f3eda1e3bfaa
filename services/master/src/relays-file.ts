// Relays that init was told of.
import { existsSync, readFileSync } from 'node:fs';
import type { Logger } from '@sealcast/runtime/log';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { relayEntry } from './fleet/relays.ts';
import type { Store } from './store/store.ts';

const schema = Type.Array(Type.Object({ name: Type.String({ minLength: 1 }), line: Type.String() }));

/**
 * Takes the list that init wrote into the store. A relay that is there already, or was removed, stays as it is; one whose key is, or was,
 * a node's is left out, since a line is no secret, and whoever joins with it first must not keep the master from starting.
 */
export function takeRelays(store: Store, file: string, nowMs: number, log: Logger): void {
  if (!existsSync(file)) return;
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Check(schema, list)) throw new Error(`${file} is not a list of relays as init writes it`);
  for (const { name, line } of list) {
    const entry = relayEntry(name, line, nowMs);
    if (entry === undefined) throw new Error(`${file}: the line of ${name} is not the line of a relay`);
    if (store.relays.wasAdded(entry.up) || !store.hopKeys.isNodes(entry.up)) store.relays.take(entry);
    else log.error({ relay: name }, 'a relay was left out: a node has, or had, its key; give the relay another one');
  }
}
