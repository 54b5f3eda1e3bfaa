// What the page and the API see of the roster and the commands.
import type { CommandRecord, RosterEntry, Store } from '../store/store.ts';
import type { CloneWatch } from './clone-watch.ts';
import type { KeptOutKeys } from './kept-out.ts';
import type { Presence, PresenceBook } from './presence.ts';
import type { CommandView, NodeView } from './views.ts';

export class FleetViews {
  readonly #store: Store;
  readonly #presence: PresenceBook;
  readonly #clones: CloneWatch;
  readonly #keptOut: KeptOutKeys;
  readonly #now: () => number;
  /** By id: looking them up for every receipt of a command would be the work of the whole fleet. */
  readonly #names = new Map<string, string>();

  constructor(store: Store, presence: PresenceBook, clones: CloneWatch, keptOut: KeptOutKeys, now: () => number) {
    this.#store = store;
    this.#presence = presence;
    this.#clones = clones;
    this.#keptOut = keptOut;
    this.#now = now;
    for (const entry of store.roster.all()) this.#names.set(entry.id, nameOf(entry));
  }

  /** `node` has joined, told of itself, or was given a name. */
  learn(node: string): void {
    const entry = this.#store.roster.find(node);
    if (entry !== undefined) this.#names.set(node, nameOf(entry));
  }

  nodes(): NodeView[] {
    return this.#store.roster.all().flatMap((entry) => this.#nodeView(entry) ?? []);
  }

  node(id: string): NodeView | undefined {
    const entry = this.#store.roster.find(id);
    return entry && this.#nodeView(entry);
  }

  command(id: string): CommandView | undefined {
    const record = this.#store.commands.find(id);
    return record && this.#commandView(record);
  }

  /** Newest first. */
  commands(limit: number): CommandView[] {
    return this.#store.commands.recent(limit).map((record) => this.#commandView(record));
  }

  #nodeView(entry: RosterEntry): NodeView | undefined {
    const { id, hopKey, joinedAt, facts, interval, removedAt } = entry;
    if (removedAt !== null) return undefined;
    const keptOut = this.#keptOut.of(hopKey);
    const seen = this.#presence.of(id) ?? { state: 'never' as const, since: joinedAt, lastSeen: null };
    const now = keptOut === null ? seen : absent(seen, keptOut.since);
    return {
      id,
      name: nameOf(entry),
      facts,
      state: now.state,
      since: now.since,
      lastSeen: now.lastSeen,
      interval,
      joinedAt,
      sample: this.#store.samples.newest(id),
      cloned: this.#clones.of(id),
      keptOut,
    };
  }

  // A command that nobody answered before it expired reads as expired, not as waiting for ever.
  #commandView(record: CommandRecord): CommandView {
    const { id, issued, expires, by, action, everyone } = record;
    const isOver = expires <= this.#now();
    const receipts = record.receipts.map(({ node, outcome, detail, output, at }) => {
      const shown = outcome === 'waiting' && isOver ? ('expired' as const) : outcome;
      return { node, name: this.#names.get(node) ?? shortName(node), outcome: shown, detail, output, at };
    });
    return { id, issued, expires, by, action, everyone, receipts };
  }
}

// It joins again and again, and that is all that it can.
function absent(seen: Presence, since: number): Presence {
  return seen.state === 'alive' ? { ...seen, state: 'away', since } : seen;
}

function nameOf({ id, label, facts }: RosterEntry): string {
  return label ?? facts?.name ?? shortName(id);
}

// Before a node has told its own.
function shortName(id: string): string {
  return id.slice(0, 8);
}
