// Relays (PROTOCOL.md, Relays): whose `up` keys are let to the data ports beside those of the nodes.
import { createHash } from 'node:crypto';
import { type Hop, parseHop } from '@sealcast/channel/hop-line';
import type { RelayEntry, Store } from '../store/store.ts';
import { toHex } from './hex.ts';
import type { RelayView } from './views.ts';

export class Relays {
  readonly #store: Store;
  #upKeys = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
    this.#learn();
  }

  /** Whether a relay shows this key (64 hexadecimal digits) to this master. */
  admits(hopKey: string): boolean {
    return this.#upKeys.has(hopKey);
  }

  list(): RelayView[] {
    return this.#store.relays.all().map(relayView);
  }

  hop(id: string): Hop | undefined {
    const entry = this.#store.relays.find(id);
    return entry === undefined ? undefined : parseHop(entry.line);
  }

  add(name: string, line: string, nowMs: number): RelayView | 'malformed' | 'known' | 'taken' {
    const entry = relayEntry(name, line, nowMs);
    if (entry === undefined) return 'malformed';
    // Whoever has it would come back with it when the node is removed.
    if (this.#store.hopKeys.isNodes(entry.up)) return 'taken';
    if (!this.#store.relays.add(entry)) return 'known';
    this.#learn();
    return relayView(entry);
  }

  /** Gives the key that is let in no more. */
  remove(id: string, nowMs: number): string | undefined {
    const entry = this.#store.relays.find(id);
    if (entry === undefined) return undefined;
    this.#store.relays.remove(id, nowMs);
    this.#learn();
    return entry.up;
  }

  #learn(): void {
    this.#upKeys = new Set(this.#store.relays.all().map(({ up }) => up));
  }
}

/** Undefined where `line` is not the hop line of a relay. */
export function relayEntry(name: string, line: string, nowMs: number): RelayEntry | undefined {
  const up = upKeyOf(line);
  if (up === undefined) return undefined;
  const id = createHash('sha256').update(up).digest('hex').slice(0, 32);
  return { id, up: toHex(up), name, line: line.trim(), addedAt: nowMs };
}

function upKeyOf(line: string): Uint8Array | undefined {
  try {
    return parseHop(line).up;
  } catch {
    return undefined;
  }
}

function relayView({ id, name, line, addedAt }: RelayEntry): RelayView {
  return { id, name, host: parseHop(line).host, line, addedAt };
}
