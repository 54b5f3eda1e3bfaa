// What the master and its transport's process say to each other. Both are of one build, so a message's type vouches for the rest of it.
import type { Mechanism } from '@sealcast/channel/payloads';
import type { Verdict } from '@sealcast/hop/admission';
import type { ServerCredentials, ZapDomain } from '@sealcast/hop/mechanism';
import type { Ports } from '@sealcast/hop/sockets';
import type { RefusalCode } from '@sealcast/channel/errors';

export interface Question {
  domain: ZapDomain;
  address: string;
  mechanism: Mechanism;
  hopKey: Uint8Array;
}

export type Port = 'join' | 'data';

export interface Arrival {
  port: Port;
  frame: Uint8Array;
}

export type ToTransport =
  | { type: 'start'; host: string | readonly string[]; ports: Ports; credentials: ServerCredentials; logLevel: string }
  | { type: 'send'; port: Port; topic: Uint8Array; frame: Uint8Array }
  | { type: 'verdict'; id: number; verdict: Verdict }
  /** So many arrivals more are handled. */
  | { type: 'handled'; join: number; data: number }
  | { type: 'drop'; hopKey: string }
  | { type: 'stop' };

export type FromTransport =
  | { type: 'started' }
  | { type: 'failed'; text: string; forOperator: boolean }
  | { type: 'arrived'; arrivals: Arrival[] }
  | { type: 'refused'; code: RefusalCode }
  | { type: 'ask'; id: number; question: Question }
  | { type: 'cuts'; cuts: Record<string, number> }
  /** Hop keys of those that are connected. */
  | { type: 'relays'; hopKeys: string[] };

/**
 * Arrivals that may wait for the master at once, and their bytes: who sends the longest must not keep the others waiting for long, nor
 * whoever wants to join those who have.
 */
export const unhandledMax: Readonly<Record<Port, { count: number; bytes: number }>> = {
  join: { count: 64, bytes: 32_768 },
  data: { count: 192, bytes: 98_304 },
};

const toTransport = new Set(['start', 'send', 'verdict', 'handled', 'drop', 'stop'] satisfies ToTransport['type'][]);
const fromTransport = new Set([
  'started',
  'failed',
  'arrived',
  'refused',
  'ask',
  'cuts',
  'relays',
] satisfies FromTransport['type'][]);

export function isToTransport(message: unknown): message is ToTransport {
  return isOneOf(toTransport, message);
}

export function isFromTransport(message: unknown): message is FromTransport {
  return isOneOf(fromTransport, message);
}

function isOneOf(types: ReadonlySet<string>, message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && types.has(String(message.type));
}
