// Relays (PROTOCOL.md, Relays): whose `up` keys are let to the data ports beside those of the nodes.
import { createHash } from 'node:crypto';
import { type Hop, parseHop } from '@sealcast/channel/hop-line';
import type { RelayEntry, Store } from '../store/store.ts';
import { toHex } from './hex.ts';
import type { KeptOutKeys } from './kept-out.ts';
import type { RelayView } from './views.ts';

export class Relays {
  readonly #store: Store;
  readonly #keptOut: KeptOutKeys;
  #upKeys = new Set<string>();
  /** Since when, by what they show. */
  readonly #connected = new Map<string, number>();

  constructor(store: Store, keptOut: KeptOutKeys) {
    this.#store = store;
    this.#keptOut = keptOut;
    this.#learn();
  }

  /** Whether a relay shows this key (64 hexadecimal digits) to this master. */
  admits(hopKey: string): boolean {
    return this.#upKeys.has(hopKey);
  }

  list(): RelayView[] {
    return this.#store.relays.all().map((entry) => this.#view(entry));
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
    return this.#view(entry);
  }

  /** Gives the key that is let in no more. */
  remove(id: string, nowMs: number): string | undefined {
    const entry = this.#store.relays.find(id);
    if (entry === undefined) return undefined;
    this.#store.relays.remove(id, nowMs);
    this.#connected.delete(entry.up);
    this.#learn();
    return entry.up;
  }

  /** The id of the one that shows this key. */
  withKey(hopKey: string): string | undefined {
    return this.#store.relays.all().find(({ up }) => up === hopKey)?.id;
  }

  /** Those that show `upKeys` are connected now, and no others. Gives the ids of those that came and went since the last call. */
  see(upKeys: ReadonlySet<string>, nowMs: number): { came: string[]; went: string[] } {
    if (upKeys.size + this.#connected.size === 0) return { came: [], went: [] };
    const all = this.#store.relays.all();
    const came = all.filter(({ up }) => upKeys.has(up) && !this.#connected.has(up));
    const went = all.filter(({ up }) => !upKeys.has(up) && this.#connected.has(up));
    for (const { up } of came) this.#connected.set(up, nowMs);
    for (const { id, up } of went) {
      this.#connected.delete(up);
      this.#store.relays.setSeen(id, nowMs);
    }
    return { came: came.map(({ id }) => id), went: went.map(({ id }) => id) };
  }

  saveLastSeen(nowMs: number): void {
    for (const { id, up } of this.#store.relays.all())
      if (this.#connected.has(up)) this.#store.relays.setSeen(id, nowMs);
  }

  #view({ id, up, name, line, addedAt, seenAt }: RelayEntry): RelayView {
    const connectedAt = this.#connected.get(up);
    return {
      id,
      name,
      host: parseHop(line).host,
      line,
      addedAt,
      connected: connectedAt !== undefined,
      since: connectedAt ?? seenAt,
      keptOut: this.#keptOut.of(up),
    };
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
  return { id, up: toHex(up), name, line: line.trim(), addedAt: nowMs, seenAt: null };
}

function upKeyOf(line: string): Uint8Array | undefined {
  try {
    return parseHop(line).up;
  } catch {
    return undefined;
  }
}
