// PROTOCOL.md, Relays: how a hop is reached.
import { type Form, formatLine, parseLine } from './line.ts';
import type { Body } from './schemas.ts';

export const hopForm: Form = { prefix: 'sealcast-hop1:', schema: 'hop', malformed: 'hop.malformed' };

export function formatHop(hop: Body): string {
  return formatLine(hopForm, hop);
}

export function parseHop(text: string): Body {
  return parseLine(hopForm, text);
}
