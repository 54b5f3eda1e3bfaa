// What the page and the API see of the roster.
import type { RosterEntry, Store } from '../store/store.ts';
import type { PresenceBook } from './presence.ts';
import type { CommandView, NodeView } from './views.ts';

function nameOf(entry: Pick<RosterEntry, 'id' | 'facts'>): string {
  return entry.facts?.name ?? entry.id.slice(0, 8);
}

export function nodeView(entry: RosterEntry, store: Store, presence: PresenceBook): NodeView {
  const now = presence.of(entry.id) ?? { state: 'never' as const, since: entry.joinedAt, lastSeen: null };
  return {
    id: entry.id,
    name: nameOf(entry),
    facts: entry.facts,
    state: now.state,
    since: now.since,
    lastSeen: now.lastSeen,
    interval: entry.interval,
    joinedAt: entry.joinedAt,
    sample: store.samples.newest(entry.id),
  };
}

/** A command that nobody answered before it expired reads as expired, not as waiting for ever. */
export function commandView(id: string, store: Store, nowMs: number): CommandView | undefined {
  const record = store.commands.find(id);
  if (record === undefined) return undefined;
  const receipts = record.receipts.map(({ node, outcome, detail, at }) => {
    const late = outcome === 'waiting' && record.expires <= nowMs;
    const entry = store.roster.find(node);
    const name = entry === undefined ? node.slice(0, 8) : nameOf(entry);
    return { node, name, outcome: late ? ('expired' as const) : outcome, detail, at };
  });
  const { issued, expires, by, action, everyone } = record;
  return { id, issued, expires, by, action, everyone, receipts };
}
