// What the HTTP API is given of the fleet.
import type { Hop } from '@sealcast/channel/hop-line';
import type { Action, CommandView, NodeView, RelayView, TransportView } from './views.ts';

export type FleetEvent =
  | { type: 'node'; node: NodeView }
  | { type: 'removed'; id: string }
  | { type: 'command'; command: CommandView }
  | { type: 'transport'; transport: TransportView };

export interface Order {
  action: Action;
  /** Ids of nodes, none of them twice. */
  targets: 'everyone' | string[];
  expiresInSeconds: number;
  /** The name of the person. */
  by: string;
}

export interface RelayOrder {
  name: string;
  /** PROTOCOL.md, Relays: a hop line. */
  line: string;
  by: string;
}

export interface Fleet {
  nodes(): NodeView[];
  node(id: string): NodeView | undefined;
  /** Takes a node out for good: nothing of it is let in when this comes back. False where it is not there. */
  remove(id: string, by: string): boolean;
  /** Calls a node by `name`, or as it says itself where that is null. False where it is not there. */
  rename(id: string, name: string | null, by: string): boolean;
  /** Who was held out for posing as this node may come in again. False where there is no such node. */
  endClone(id: string, by: string): boolean;
  /** Every target is a node that node() knows. */
  command(order: Order): CommandView;
  /** Newest first. */
  commands(limit: number): CommandView[];
  /** How often each reason of PROTOCOL.md's error codes was met. */
  refusals(): Record<string, number>;
  /** How many connections were cut, by reason. */
  cuts(): Record<string, number>;
  transport(): TransportView;
  relays(): RelayView[];
  /** How nodes reach a relay; undefined where it is not there. */
  relayHop(id: string): Hop | undefined;
  /** 'taken' where its key is, or was, a node's. */
  addRelay(order: RelayOrder): RelayView | 'malformed' | 'known' | 'taken';
  removeRelay(id: string, by: string): boolean;
  /** `listener` hears every event from now on, until the function that comes back is called. */
  on(listener: (event: FleetEvent) => void): () => void;
}
