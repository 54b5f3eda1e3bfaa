import type { Hop } from '../../../../services/channel/src/hop-line.ts';
import type { Fleet, FleetEvent, Order, RelayOrder } from '../../../../services/master/src/fleet/fleet-port.ts';
import type { CommandView, NodeView, RelayView, TransportView } from '../../../../services/master/src/fleet/views.ts';
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
    cloned: null,
    keptOut: null,
    ...over,
  };
}

/** A fleet in memory: what the HTTP server is tested against. */
export class FakeFleet implements Fleet {
  readonly orders: Order[] = [];
  readonly removals: { id: string; by: string }[] = [];
  readonly names: { id: string; name: string | null; by: string }[] = [];
  readonly letIn: { id: string; by: string }[] = [];
  readonly #relays: RelayView[] = [];
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
      receipts: ids.map((node) => ({ node, name: 'pi', outcome: 'waiting', detail: null, output: null, at: null })),
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

  remove(id: string, by: string): boolean {
    const place = this.#nodes.findIndex((node) => node.id === id);
    if (place === -1) return false;
    this.#nodes.splice(place, 1);
    this.removals.push({ id, by });
    return true;
  }

  rename(id: string, name: string | null, by: string): boolean {
    this.names.push({ id, name, by });
    return this.node(id) !== undefined;
  }

  endClone(id: string, by: string): boolean {
    this.letIn.push({ id, by });
    return this.node(id) !== undefined;
  }

  cuts(): Record<string, number> {
    return { 'cut.unknown': 2 };
  }

  up = true;

  transport(): TransportView {
    return { up: this.up, since: 4000, restarts: 1 };
  }

  relays(): RelayView[] {
    return this.#relays;
  }

  relayHop(id: string): Hop | undefined {
    const relay = this.#relays.find((one) => one.id === id);
    return relay && { host: relay.host, data: [1, 2], join: [3, 4], curve: new Uint8Array(32).fill(1) };
  }

  addRelay({ name, line }: RelayOrder): RelayView | 'malformed' | 'known' | 'taken' {
    if (!line.startsWith('sealcast-hop1:')) return 'malformed';
    if (this.#relays.some((relay) => relay.line === line)) return 'known';
    if (line === 'sealcast-hop1:of a node') return 'taken';
    const relay = {
      id: 'd'.repeat(32),
      name,
      host: 'relay.lan',
      line,
      addedAt: 5000,
      connected: false,
      since: null,
      keptOut: null,
    };
    this.#relays.push(relay);
    return relay;
  }

  removeRelay(id: string): boolean {
    const place = this.#relays.findIndex((relay) => relay.id === id);
    if (place !== -1) this.#relays.splice(place, 1);
    return place !== -1;
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
