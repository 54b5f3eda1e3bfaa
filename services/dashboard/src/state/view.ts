import { effect, signal, untracked } from '@preact/signals';
import { allNodes, nodeIds } from './fleet.ts';
import { kept } from './kept.ts';
import { compareNodes, matches, orders, passes, type StateFilter } from './ordering.ts';

/** A list that is sorted by what changes every second can't be read; it is put in order this often. */
const settleMs = 5000;

export const query = signal('');
export const stateFilter = signal<StateFilter>('all');
export const order = kept('order', orders);
export const layout = kept('layout', ['cards', 'table']);

/** While it is pointed at, the list keeps its order. */
export const held = signal(false);

/** The nodes to show, in order. */
export const shownIds = signal<readonly string[]>([]);

const pulse = signal(0);
setInterval(() => {
  if (!held.peek()) pulse.value += 1;
}, settleMs);

effect(() => {
  // What puts the list in order anew; the nodes' values alone do not.
  void [pulse.value, nodeIds.value];
  const [words, filter, by] = [query.value, stateFilter.value, order.value];
  untracked(() => {
    const shown = allNodes.value
      .filter((node) => passes(node, filter) && matches(node, words))
      .toSorted(compareNodes(by))
      .map(({ id }) => id);
    const same = shown.length === shownIds.value.length && shown.every((id, i) => id === shownIds.value[i]);
    if (!same) shownIds.value = shown;
  });
});
