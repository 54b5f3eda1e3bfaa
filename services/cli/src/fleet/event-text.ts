import type { CommandView, NodeView } from '@sealcast/master/fleet/views';
import type { LiveEvent } from '../api/events.ts';
import { harmlessLine } from '../terminal/harmless.ts';
import { counted } from '../terminal/quantity.ts';
import { actionText } from './action-text.ts';
import { stateCell } from './node-table.ts';

/** A line for people; undefined where nothing has changed that they would miss. `before` is what was known of the node. */
export function eventText(event: LiveEvent, before: NodeView | undefined): string | undefined {
  if (event.type === 'node') return nodeText(event.node, before);
  if (event.type === 'removed') return `node ${event.id} removed`;
  if (event.type === 'command') return commandText(event.command);
  return `wire ${event.transport.up ? 'up' : 'down'}`;
}

function nodeText(node: NodeView, before: NodeView | undefined): string | undefined {
  const state = stateCell(node).text;
  if (before !== undefined && stateCell(before).text === state && before.name === node.name) return undefined;
  return `node ${node.id} ${harmlessLine(node.name)} ${state}`;
}

function commandText({ id, action, receipts }: CommandView): string {
  const outcomes = Map.groupBy(receipts, ({ outcome }) => outcome);
  const counts = [...outcomes].map(([outcome, all]) => `${all.length} ${outcome}`);
  return `order ${id} ${actionText(action)}: ${counts.length === 0 ? counted(0, 'node') : counts.join(', ')}`;
}
