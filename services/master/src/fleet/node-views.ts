// What the page and the API see of the roster.
import type { CommandRecord, RosterEntry, Store } from '../store/store.ts';
import type { PresenceBook } from './presence.ts';
import type { CommandView, NodeView } from './views.ts';

export function nodeView(entry: RosterEntry, store: Store, presence: PresenceBook): NodeView {
  const now = presence.of(entry.id) ?? { state: 'never' as const, since: entry.joinedAt, lastSeen: null };
  return {
    id: entry.id,
    name: entry.facts?.name ?? shortName(entry.id),
    facts: entry.facts,
    state: now.state,
    since: now.since,
    lastSeen: now.lastSeen,
    interval: entry.interval,
    joinedAt: entry.joinedAt,
    sample: store.samples.newest(entry.id),
  };
}

/** A command that nobody answered before it expired reads as expired, not as waiting for ever. `names` are by node id. */
export function commandView(record: CommandRecord, names: ReadonlyMap<string, string>, nowMs: number): CommandView {
  const receipts = record.receipts.map(({ node, outcome, detail, at }) => {
    const late = outcome === 'waiting' && record.expires <= nowMs;
    const name = names.get(node) ?? shortName(node);
    return { node, name, outcome: late ? ('expired' as const) : outcome, detail, at };
  });
  const { id, issued, expires, by, action, everyone } = record;
  return { id, issued, expires, by, action, everyone, receipts };
}

// Before a node has told its own.
function shortName(id: string): string {
  return id.slice(0, 8);
}
