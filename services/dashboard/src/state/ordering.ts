import type { NodeView } from '../api/types.ts';
import { fullestDisk, takenShare } from '../series/columns.ts';

export const orders = ['name', 'state', 'cpu', 'memory', 'disk'] as const;
export type Order = (typeof orders)[number];

export type StateFilter = 'all' | 'alive' | 'away';

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const stateRank = { away: 0, never: 1, alive: 2 };

/** What asks for somebody comes first, a second machine with the node's identity above all. */
function rankOf({ state, cloned }: NodeView): number {
  return cloned ? -1 : stateRank[state];
}

/** An away node's last values are old: it is sorted behind those that are alive. */
const behind = -1;

const weight: Record<Exclude<Order, 'name' | 'state'>, (node: NodeView) => number> = {
  cpu: ({ sample }) => sample?.cpu ?? behind,
  memory: ({ sample }) => (sample && takenShare(sample.memory.total, sample.memory.available)) ?? behind,
  disk: ({ sample }) => (sample && fullestDisk(sample)?.share) ?? behind,
};

function compareNames(a: NodeView, b: NodeView): number {
  return byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

/** The largest first, but names from A to Z; nodes that are equal in it by name. */
export function compareNodes(order: Order): (a: NodeView, b: NodeView) => number {
  if (order === 'name') return compareNames;
  if (order === 'state') return (a, b) => rankOf(a) - rankOf(b) || compareNames(a, b);
  const of = (node: NodeView) => (node.state === 'alive' ? weight[order](node) : behind);
  return (a, b) => of(b) - of(a) || compareNames(a, b);
}

/** Every word of the query must stand somewhere in what the node says of itself. */
export function matches(node: NodeView, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { facts } = node;
  const said = [node.name, node.id, facts?.name, facts?.os, facts?.arch, facts?.kernel, facts?.vendor, facts?.model]
    .concat(facts?.addresses, facts?.cpu.model, facts?.gpus)
    .join('\n')
    .toLowerCase();
  return words.every((word) => said.includes(word));
}

export function passes(node: NodeView, filter: StateFilter): boolean {
  return filter === 'all' || (filter === 'alive') === (node.state === 'alive');
}
