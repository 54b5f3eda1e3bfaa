import { formatLine, parseLine } from './checked-line.ts';
import { hopSchema, type Hop } from './payloads.ts';

export type { Hop } from './payloads.ts';

const prefix = 'sealcast-hop1:';

/**
 * How a hop is reached (PROTOCOL.md, Relays). No secret.
 * @returns one line without its end
 * @throws Error where it is not a hop by its schema
 */
export function formatHop(hop: Hop): string {
  return formatLine(prefix, hopSchema, hop);
}

/**
 * @param text the line, white space around it is dropped
 * @throws Refusal `hop.malformed`
 */
export function parseHop(text: string): Hop {
  return parseLine(prefix, hopSchema, text, 'hop.malformed');
}
