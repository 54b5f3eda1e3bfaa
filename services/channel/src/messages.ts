import { decodeBody, encodeBody } from './body.ts';
import { kinds } from './frame.ts';
import {
  ackSchema,
  askSchema,
  commandSchema,
  epochSchema,
  factsSchema,
  leaveSchema,
  receiptSchema,
  reportSchema,
  type Ack,
  type Ask,
  type Command,
  type EpochChange,
  type Facts,
  type Leave,
  type Receipt,
  type Report,
} from './payloads.ts';

/** What a node says in its session. */
export type UpMessage =
  | { kind: 'report'; body: Report }
  | { kind: 'facts'; body: Facts }
  | { kind: 'receipt'; body: Receipt }
  | { kind: 'ask'; body: Ask }
  | { kind: 'leave'; body: Leave };

/** What the master says in a node's session. */
export type DownMessage =
  | { kind: 'ack'; body: Ack }
  | { kind: 'command'; body: Command }
  | { kind: 'epoch'; body: EpochChange };

export type Message = UpMessage | DownMessage;

/** @throws Error where the body does not fit its schema */
export function encodeMessage(message: Message): Uint8Array {
  switch (message.kind) {
    case 'report':
      return encodeBody(reportSchema, message.body);
    case 'facts':
      return encodeBody(factsSchema, message.body);
    case 'receipt':
      return encodeBody(receiptSchema, message.body);
    case 'ask':
      return encodeBody(askSchema, message.body);
    case 'leave':
      return encodeBody(leaveSchema, message.body);
    case 'ack':
      return encodeBody(ackSchema, message.body);
    case 'command':
      return encodeBody(commandSchema, message.body);
    case 'epoch':
      return encodeBody(epochSchema, message.body);
    default:
      return message satisfies never;
  }
}

/**
 * @param kind one that a session carries
 * @throws Refusal `payload.encoding`, `payload.schema`
 */
export function decodeMessage(kind: number, body: Uint8Array): Message {
  switch (kind) {
    case kinds.report:
      return { kind: 'report', body: decodeBody(reportSchema, body) };
    case kinds.facts:
      return { kind: 'facts', body: decodeBody(factsSchema, body) };
    case kinds.receipt:
      return { kind: 'receipt', body: decodeBody(receiptSchema, body) };
    case kinds.ask:
      return { kind: 'ask', body: decodeBody(askSchema, body) };
    case kinds.leave:
      return { kind: 'leave', body: decodeBody(leaveSchema, body) };
    case kinds.ack:
      return { kind: 'ack', body: decodeBody(ackSchema, body) };
    case kinds.command:
      return { kind: 'command', body: decodeBody(commandSchema, body) };
    case kinds.epoch:
      return { kind: 'epoch', body: decodeBody(epochSchema, body) };
    default:
      throw new Error(`kind: expected one that a session carries, got ${kind}`);
  }
}
