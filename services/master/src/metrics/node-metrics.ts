// The fleet in Prometheus' units: bytes, seconds, degrees Celsius, shares from 0 to 1. Every node's `id` is a label of all that is
// told of it; what people call it stands in sealcast_node_info alone, so that a new name begins no new series.
import type { Registry } from '@prometheus-io/client';
import type { NodeView, Sample } from '../fleet/views.ts';
import { gauge, type Labels } from './figure.ts';

type Figure = readonly [Labels, number];

/** Of one kind, such as the file systems of a node: a hostile node may say 64, with other names each time. */
const partsMax = 32;

interface NodeMetric {
  name: string;
  help: string;
  labels?: string[];
  figures: (node: NodeView, nowMs: number) => Figure[];
}

/** Told of every node. */
const always: NodeMetric[] = [
  {
    name: 'info',
    help: 'What the node is: always 1.',
    labels: ['name', 'os', 'kernel', 'arch', 'version', 'model'],
    figures: ({ name, facts }) => {
      const { os = '', kernel = '', arch = '', version = '', model = '' } = facts ?? {};
      return [[{ name, os, kernel, arch, version, model }, 1]];
    },
  },
  {
    name: 'up',
    help: 'Whether the node is alive (1), or away or never seen (0).',
    figures: ({ state }) => one(state === 'alive' ? 1 : 0),
  },
  {
    name: 'cloned',
    help: "Whether a second machine with this node's identity is held out.",
    figures: ({ cloned }) => one(cloned === null ? 0 : 1),
  },
  {
    name: 'joined_timestamp_seconds',
    help: 'When the node joined for the first time, since 1970.',
    figures: ({ joinedAt }) => one(joinedAt / 1000),
  },
  {
    name: 'seen_timestamp_seconds',
    help: 'When something authentic last came from the node, since 1970.',
    figures: ({ lastSeen }) => (lastSeen === null ? [] : one(lastSeen / 1000)),
  },
  {
    name: 'report_age_seconds',
    help: 'How old the newest sample of the node is.',
    figures: ({ sample }, nowMs) => (sample === null ? [] : one(Math.max(0, nowMs - sample.at) / 1000)),
  },
  {
    name: 'report_interval_seconds',
    help: 'Time between two samples of the node.',
    figures: ({ interval }) => one(interval),
  },
];

/** Told of nodes that are alive: an old figure that is told again and again looks like a new one. */
const alive: NodeMetric[] = [
  ofSample('uptime_seconds', 'Time since the machine started.', ({ uptime }) => uptime),
  ofSample('cpu_busy_ratio', 'Busy share of all cores since the sample before.', ({ cpu }) => ratio(cpu)),
  {
    name: 'cpu_threads',
    help: 'Threads that the CPU runs at once.',
    figures: ({ facts }) => (facts === null ? [] : one(facts.cpu.threads)),
  },
  ofSample('load1', 'Load over one minute.', ({ load }) => load[0]),
  ofSample('load5', 'Load over five minutes.', ({ load }) => load[1]),
  ofSample('load15', 'Load over fifteen minutes.', ({ load }) => load[2]),
  ofSample('memory_bytes', 'Memory of the machine.', ({ memory }) => memory.total),
  ofSample('memory_available_bytes', 'Memory that programs can have.', ({ memory }) => memory.available),
  ofSample('swap_bytes', 'Swap space of the machine.', ({ swap }) => swap.total),
  ofSample('swap_free_bytes', 'Swap space that is free.', ({ swap }) => swap.free),
  ...ofFileSystems(),
  ...ofDisks(),
  ...ofInterfaces(),
  {
    name: 'temperature_celsius',
    help: 'What a sensor says.',
    labels: ['sensor'],
    figures: ({ sample }) => parts(sample?.temperatures, ({ name, celsius }) => [{ sensor: name }, celsius]),
  },
];

/** @returns what sets every metric to what `nodes` are at `nowMs` */
export function nodeMetrics(registry: Registry): (nodes: readonly NodeView[], nowMs: number) => void {
  const kinds = [
    ...always.map((metric) => ({ metric, isTold: () => true })),
    ...alive.map((metric) => ({ metric, isTold: ({ state }: NodeView) => state === 'alive' })),
  ].map(({ metric, isTold }) => {
    const { name, help, labels = [], figures } = metric;
    const set = gauge(registry, `sealcast_node_${name}`, help, ['id', ...labels]);
    return (nodes: readonly NodeView[], nowMs: number) =>
      set(
        nodes
          .filter(isTold)
          .flatMap((node) => figures(node, nowMs).map(([more, value]) => [{ id: node.id, ...more }, value] as const)),
      );
  });
  return (nodes, nowMs) => {
    for (const set of kinds) set(nodes, nowMs);
  };
}

/** Nodes say percent to a tenth. */
function ratio(percent: number): number {
  return Math.round(percent * 10) / 1000;
}

function one(value: number): Figure[] {
  return [[{}, value]];
}

function parts<Part>(all: readonly Part[] | undefined, figure: (part: Part) => Figure): Figure[] {
  return (all ?? []).slice(0, partsMax).map(figure);
}

function ofSample(name: string, help: string, figure: (sample: Sample) => number): NodeMetric {
  return { name, help, figures: ({ sample }) => (sample === null ? [] : one(figure(sample))) };
}

function ofFileSystems(): NodeMetric[] {
  type FileSystem = Sample['disks'][number];
  const labels = ['mountpoint', 'device', 'fstype'];
  const told = (name: string, help: string, figure: (one: FileSystem) => number): NodeMetric => ({
    name,
    help,
    labels,
    figures: ({ sample }) =>
      parts(sample?.disks, (disk) => [
        { mountpoint: disk.mount, device: disk.device, fstype: disk.type },
        figure(disk),
      ]),
  });
  return [
    told('filesystem_bytes', 'Size of a file system.', ({ total }) => total),
    told('filesystem_free_bytes', 'What is free of a file system.', ({ free }) => free),
  ];
}

function ofDisks(): NodeMetric[] {
  type Disk = Sample['io'][number];
  const told = (name: string, help: string, figure: (one: Disk) => number): NodeMetric => ({
    name,
    help,
    labels: ['device'],
    figures: ({ sample }) => parts(sample?.io, (disk) => [{ device: disk.device }, figure(disk)]),
  });
  return [
    told('disk_read_bytes_per_second', 'Read from a disk since the sample before.', ({ read }) => read),
    told('disk_written_bytes_per_second', 'Written to a disk since the sample before.', ({ written }) => written),
    told('disk_busy_ratio', 'Share of the time in which a disk was busy.', ({ busy }) => ratio(busy)),
  ];
}

function ofInterfaces(): NodeMetric[] {
  type Interface = Sample['interfaces'][number];
  const told = (name: string, help: string, figure: (one: Interface) => number): NodeMetric => ({
    name,
    help,
    labels: ['interface'],
    figures: ({ sample }) => parts(sample?.interfaces, (network) => [{ interface: network.name }, figure(network)]),
  });
  return [
    told('network_received_bytes_per_second', 'Received since the sample before.', ({ received }) => received),
    told('network_sent_bytes_per_second', 'Sent since the sample before.', ({ sent }) => sent),
  ];
}
