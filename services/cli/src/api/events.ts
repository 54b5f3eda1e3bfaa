// The master's server-sent events, as they come.
import type { IncomingMessage } from 'node:http';
import { CommandView, NodeId, NodeView, TransportView } from '@sealcast/master/fleet/views';
import { Type, type Static, type TSchema } from 'typebox';
import { parse } from './answer.ts';

const Removed = Type.Object({ id: NodeId });

export type LiveEvent =
  | { type: 'node'; node: NodeView }
  | { type: 'command'; command: CommandView }
  | { type: 'removed'; id: string }
  | { type: 'transport'; transport: TransportView };

/** Ends with the response. A kind of event that this program does not know is left out. */
export async function* readEvents(response: IncomingMessage): AsyncGenerator<LiveEvent, void> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = (rest + String(chunk)).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

// Only U+000A ends a line here; for a regular expression U+2028 does too, and a node's name may hold one.
function field(block: string, name: string): string | undefined {
  const start = `${name}: `;
  const line = block.split('\n').find((one) => one.startsWith(start));
  return line?.slice(start.length);
}

function eventOf(block: string): LiveEvent | undefined {
  const type = field(block, 'event');
  const data = field(block, 'data');
  if (data === undefined) return undefined;
  const as = <S extends TSchema>(schema: S): Static<S> => parse(schema, data);
  if (type === 'node') return { type, node: as(NodeView) };
  if (type === 'command') return { type, command: as(CommandView) };
  if (type === 'removed') return { type, id: as(Removed).id };
  if (type === 'transport') return { type, transport: as(TransportView) };
  return undefined;
}
