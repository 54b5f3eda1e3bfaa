// What the HTTP API is given of the fleet.
import type { Action, CommandView, NodeView } from './views.ts';

export type FleetEvent = { type: 'node'; node: NodeView } | { type: 'command'; command: CommandView };

export interface Order {
  action: Action;
  /** Ids of nodes, none of them twice. */
  targets: 'everyone' | string[];
  expiresInSeconds: number;
  /** The name of the person. */
  by: string;
}

export interface Fleet {
  nodes(): NodeView[];
  node(id: string): NodeView | undefined;
  /** Every target is a node that node() knows. */
  command(order: Order): CommandView;
  /** Newest first. */
  commands(limit: number): CommandView[];
  /** How often each reason of PROTOCOL.md's error codes was met. */
  refusals(): Record<string, number>;
  /** `listener` hears every event from now on, until the function that comes back is called. */
  on(listener: (event: FleetEvent) => void): () => void;
}
