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
  rotatedSchema,
  rotateSchema,
  type Ack,
  type Ask,
  type Command,
  type EpochChange,
  type Facts,
  type Leave,
  type Receipt,
  type Report,
  type Rotate,
  type Rotated,
} from './payloads.ts';

/** What an application beside a fleet says. */
export interface OtherMessage {
  kind: 'other';
  body: Uint8Array;
}

/** What a node says in its session. */
export type UpMessage =
  | { kind: 'report'; body: Report }
  | { kind: 'facts'; body: Facts }
  | { kind: 'receipt'; body: Receipt }
  | { kind: 'ask'; body: Ask }
  | { kind: 'leave'; body: Leave }
  | { kind: 'rotate'; body: Rotate };

/** What the master says in a node's session. */
export type DownMessage =
  | { kind: 'ack'; body: Ack }
  | { kind: 'command'; body: Command }
  | { kind: 'epoch'; body: EpochChange }
  | { kind: 'rotated'; body: Rotated };

export type Message = UpMessage | DownMessage | OtherMessage;

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
    case 'rotate':
      return encodeBody(rotateSchema, message.body);
    case 'ack':
      return encodeBody(ackSchema, message.body);
    case 'command':
      return encodeBody(commandSchema, message.body);
    case 'epoch':
      return encodeBody(epochSchema, message.body);
    case 'rotated':
      return encodeBody(rotatedSchema, message.body);
    case 'other':
      return message.body;
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
    case kinds.rotate:
      return { kind: 'rotate', body: decodeBody(rotateSchema, body) };
    case kinds.ack:
      return { kind: 'ack', body: decodeBody(ackSchema, body) };
    case kinds.command:
      return { kind: 'command', body: decodeBody(commandSchema, body) };
    case kinds.epoch:
      return { kind: 'epoch', body: decodeBody(epochSchema, body) };
    case kinds.rotated:
      return { kind: 'rotated', body: decodeBody(rotatedSchema, body) };
    case kinds.otherUp:
    case kinds.otherDown:
      return { kind: 'other', body: Uint8Array.from(body) };
    default:
      throw new Error(`kind: expected one that a session carries, got ${kind}`);
  }
}
