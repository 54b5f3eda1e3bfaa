import type { Fleet, FleetEvent, Order } from '../../../../services/master/src/fleet/fleet-port.ts';
import type { CommandView, NodeView } from '../../../../services/master/src/fleet/views.ts';
import { facts, sample } from '../sample.ts';

export const nodeId = 'a'.repeat(32);

export function nodeView(over: Partial<NodeView> = {}): NodeView {
  return {
    id: nodeId,
    name: 'pi',
    facts,
    state: 'alive',
    since: 1000,
    lastSeen: 2000,
    interval: 5,
    joinedAt: 500,
    sample: sample(1, 2000),
    ...over,
  };
}

/** A fleet in memory: what the HTTP server is tested against. */
export class FakeFleet implements Fleet {
  readonly orders: Order[] = [];
  readonly #nodes = [nodeView()];
  readonly #commands: CommandView[] = [];
  readonly #listeners = new Set<(event: FleetEvent) => void>();

  #unlistened = Promise.withResolvers<void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  setNode(node: NodeView): void {
    const place = this.#nodes.findIndex(({ id }) => id === node.id);
    this.#nodes.splice(place === -1 ? this.#nodes.length : place, 1, node);
  }

  nodes(): NodeView[] {
    return this.#nodes;
  }

  node(id: string): NodeView | undefined {
    return this.#nodes.find((node) => node.id === id);
  }

  command(order: Order): CommandView {
    this.orders.push(order);
    const ids = order.targets === 'everyone' ? this.#nodes.map(({ id }) => id) : order.targets;
    const view: CommandView = {
      id: 'c'.repeat(31) + this.#commands.length,
      issued: 3000,
      expires: 3000 + order.expiresInSeconds * 1000,
      by: order.by,
      action: order.action,
      everyone: order.targets === 'everyone',
      receipts: ids.map((node) => ({ node, name: 'pi', outcome: 'waiting', detail: null, at: null })),
    };
    this.#commands.unshift(view);
    return view;
  }

  commands(limit: number): CommandView[] {
    return this.#commands.slice(0, limit);
  }

  refusals(): Record<string, number> {
    return { 'seal.open': 3, 'join.invite': 0 };
  }

  on(listener: (event: FleetEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      this.#unlistened.resolve();
    };
  }

  /** Settles when somebody stops listening. */
  unlistened(): Promise<void> {
    this.#unlistened = Promise.withResolvers<void>();
    return this.#unlistened.promise;
  }

  /** To everybody who listens. */
  tell(event: FleetEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
