import { batch, computed, type Signal, signal } from '@preact/signals';
import type { NodeView } from '../api/types.ts';

/** Events are gathered this long, so that a fleet that reports all at once costs one update of the page. */
const gatherMs = 200;

const nodes = new Map<string, Signal<NodeView>>();
const ids = signal<readonly string[]>([]);
const arrivals = new Map<string, NodeView>();
/** An id that was removed never comes back; what was read before must not bring it back either. */
const gone = new Set<string>();
let gathering = false;

type Watcher = (before: NodeView | undefined, after: NodeView) => void;
const watchers = new Set<Watcher>();

export const fleetLoaded = signal(false);
export const fleetFault = signal<string | null>(null);

/** Every node. Each is a signal of its own, so that a card is drawn anew only for its own node. */
export const nodeIds = computed(() => ids.value);
export const allNodes = computed(() => ids.value.flatMap((id) => nodes.get(id)?.value ?? []));

export function nodeOf(id: string): Signal<NodeView> | undefined {
  return nodes.get(id);
}

/** Told of every node that has news, after the page's state holds it. */
export function onNodeNews(watcher: Watcher): void {
  watchers.add(watcher);
}

function put(view: NodeView): void {
  if (gone.has(view.id)) return;
  const known = nodes.get(view.id);
  const before = known?.peek();
  // What was read before an event came must not undo the event.
  if (before && (before.lastSeen ?? 0) > (view.lastSeen ?? 0) && before.since >= view.since) return;
  if (known) known.value = view;
  else nodes.set(view.id, signal(view));
  for (const watcher of watchers) watcher(before, view);
}

function flush(): void {
  gathering = false;
  const views = [...arrivals.values()];
  arrivals.clear();
  batch(() => {
    for (const view of views) put(view);
    if (nodes.size !== ids.peek().length) ids.value = [...nodes.keys()];
  });
}

export function nodeArrived(view: NodeView): void {
  arrivals.set(view.id, view);
  if (gathering) return;
  gathering = true;
  setTimeout(flush, gatherMs);
}

export function nodeRemoved(id: string): void {
  gone.add(id);
  arrivals.delete(id);
  if (nodes.delete(id)) ids.value = [...nodes.keys()];
}

/** Whether a node was removed while this page was open. */
export function wasRemoved(id: string): boolean {
  return gone.has(id);
}

export function replaceNodes(views: readonly NodeView[]): void {
  batch(() => {
    const here = new Set(views.map(({ id }) => id));
    for (const id of nodes.keys()) if (!here.has(id)) nodes.delete(id);
    for (const view of views) put(view);
    ids.value = [...nodes.keys()];
    fleetLoaded.value = true;
    fleetFault.value = null;
  });
}

export function clearFleet(): void {
  batch(() => {
    nodes.clear();
    arrivals.clear();
    gone.clear();
    ids.value = [];
    fleetLoaded.value = false;
    fleetFault.value = null;
  });
}
