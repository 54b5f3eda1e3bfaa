// The master itself.
import type { Registry } from '@prometheus-io/client';
import type { NodeView } from '../fleet/views.ts';
import { version } from '../version.ts';
import { counter, gauge, type Values } from './figure.ts';
import type { MasterFigures } from './figures.ts';

const states = ['alive', 'away', 'never'] satisfies NodeView['state'][];

/** @returns what sets every metric to what the figures say */
export function masterMetrics(registry: Registry): (figures: MasterFigures, nodes: readonly NodeView[]) => void {
  gauge(registry, 'sealcast_build_info', 'What runs here: always 1.', ['version'])([[{ version }, 1]]);
  const set = {
    nodes: gauge(registry, 'sealcast_nodes', 'Nodes of the roster, by state.', ['state']),
    sessions: gauge(registry, 'sealcast_sessions', 'Sessions that are open.'),
    refused: counter(registry, 'sealcast_frames_refused_total', 'Frames that were refused, by reason.', ['code']),
    cut: counter(registry, 'sealcast_connections_cut_total', 'Connections that were cut, by reason.', ['reason']),
    joins: counter(registry, 'sealcast_joins_total', 'Joins, of nodes that are new and of known ones.', ['kind']),
    commands: counter(registry, 'sealcast_commands_total', 'Commands that were sent.', ['action', 'to']),
    queues: gauge(registry, 'sealcast_queue_length', 'What waits, by what it waits for.', ['queue']),
    up: gauge(registry, 'sealcast_transport_up', 'Whether the process that has the sockets runs.'),
    restarts: counter(registry, 'sealcast_transport_restarts_total', 'How often that process was started again.'),
    streams: gauge(registry, 'sealcast_event_streams', 'Pages that listen to events.'),
    store: gauge(registry, 'sealcast_store_bytes', 'What the database and its journal take on disk.'),
  };
  return (figures, nodes) => {
    set.nodes(states.map((state) => [{ state }, nodes.filter((node) => node.state === state).length] as const));
    set.sessions(only(figures.sessions));
    set.refused(each('code', figures.refusals));
    set.cut(each('reason', figures.cuts));
    set.joins(each('kind', figures.joins));
    set.commands(figures.commands.map(({ action, to, count }) => [{ action, to }, count] as const));
    set.queues(each('queue', figures.queues));
    set.up(only(figures.transport.up ? 1 : 0));
    set.restarts(only(figures.transport.restarts));
    set.streams(only(figures.eventStreams));
    set.store(only(figures.storeBytes));
  };
}

function only(value: number): Values {
  return [[{}, value]];
}

function each(label: string, counts: Readonly<Record<string, number>>): Values {
  return Object.entries(counts).map(([name, count]) => [{ [label]: name }, count] as const);
}
