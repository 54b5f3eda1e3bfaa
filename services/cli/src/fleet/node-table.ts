import type { NodeView } from '@sealcast/master/fleet/views';
import { harmlessLine } from '../terminal/harmless.ts';
import { ago, duration, percent } from '../terminal/quantity.ts';
import type { Screen } from '../terminal/screen.ts';
import { type Cell, type Column, table } from '../terminal/table.ts';

const columns: Column[] = [
  { title: 'NODE', shrinksTo: 8 },
  { title: 'STATE' },
  { title: 'SEEN' },
  { title: 'CPU', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: 'DISK', align: 'right' },
  { title: 'TEMP', align: 'right', spare: 2 },
  { title: 'UP', align: 'right', spare: 3 },
  { title: 'ID', shrinksTo: 9, spare: 1 },
];

/** What runs hot, or full, is to be seen at once. */
const much = 90;
const full = 95;

export function nodeTable(nodes: readonly NodeView[], nowMs: number, screen: Screen): string {
  return table(
    columns,
    nodes.map((node) => cells(node, nowMs)),
    screen.width,
    screen.paint,
  );
}

/** As people count: `node-2` before `node-10`. */
export function byName(nodes: readonly NodeView[]): NodeView[] {
  return nodes.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function cells(node: NodeView, nowMs: number): Cell[] {
  const { sample } = node;
  const disk = fullest(node);
  const hottest = sample === null || sample.temperatures.length === 0 ? undefined : hottestOf(sample.temperatures);
  return [
    { text: harmlessLine(node.name), style: 'bold' },
    stateCell(node),
    { text: node.lastSeen === null ? 'never' : ago(node.lastSeen, nowMs) },
    share(sample?.cpu, much),
    share(memoryUsed(node), much),
    share(disk, much),
    { text: hottest === undefined ? '' : `${hottest.toFixed(0)} °C` },
    { text: sample === null ? '' : duration(sample.uptime) },
    { text: node.id, style: 'dim' },
  ];
}

export function stateCell({ state, cloned }: NodeView): Cell {
  if (cloned !== null) return { text: 'cloned', style: 'red' };
  return { text: state, style: state === 'alive' ? 'green' : 'yellow' };
}

function share(value: number | undefined, warnAt: number): Cell {
  if (value === undefined) return { text: '' };
  return value >= warnAt ? { text: percent(value), style: value >= full ? 'red' : 'yellow' } : { text: percent(value) };
}

export function memoryUsed({ sample }: NodeView): number | undefined {
  if (sample === null || sample.memory.total === 0) return undefined;
  return (1 - sample.memory.available / sample.memory.total) * 100;
}

/** Percent of the fullest file system. */
function fullest({ sample }: NodeView): number | undefined {
  const shares = (sample?.disks ?? [])
    .filter(({ total }) => total > 0)
    .map(({ total, free }) => (1 - free / total) * 100);
  return shares.length === 0 ? undefined : Math.max(...shares);
}

function hottestOf(temperatures: readonly { celsius: number }[]): number {
  return Math.max(...temperatures.map(({ celsius }) => celsius));
}
