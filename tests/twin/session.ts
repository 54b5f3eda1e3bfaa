// PROTOCOL.md, Sessions: one end of one.
import { join, same, u8 } from './bytes.ts';
import { decode, encode, type Value } from './cbor.ts';
import {
  checkInnerKind,
  dataFrameMax,
  directions,
  kinds,
  metadataBytes,
  openEnvelope,
  type Route,
  sealEnvelope,
  sessionMaxMessages,
} from './envelope.ts';
import { ReplayWindow } from './replay-window.ts';
import { type Body, checkBody } from './schemas.ts';
import { refuse, refuseUnless } from './refused.ts';

export const upKinds = ['REPORT', 'FACTS', 'RECEIPT', 'ASK', 'LEAVE', 'ROTATE'] as const;
export const downKinds = ['ACK', 'COMMAND', 'EPOCH', 'ROTATED'] as const;
export type SessionKind = (typeof upKinds)[number] | (typeof downKinds)[number];

const schemaOf = {
  REPORT: 'report',
  FACTS: 'facts',
  RECEIPT: 'receipt',
  ASK: 'ask',
  LEAVE: 'leave',
  ROTATE: 'rotate',
  ACK: 'ack',
  COMMAND: 'command',
  EPOCH: 'epoch',
  ROTATED: 'rotated',
} as const;

export interface SessionKeys {
  keyId: Uint8Array;
  up: Uint8Array;
  down: Uint8Array;
  topic: Uint8Array;
  nodeId: Uint8Array;
  masterId: Uint8Array;
}

export function upRoute({ nodeId, masterId }: { nodeId: Uint8Array; masterId: Uint8Array }): Route {
  return { direction: directions.up, sender: nodeId, target: masterId, epoch: 0n };
}

export function downRoute({ nodeId, masterId }: { nodeId: Uint8Array; masterId: Uint8Array }): Route {
  return { direction: directions.down, sender: masterId, target: nodeId, epoch: 0n };
}

function sameValue(value: Value | undefined, bytes: Uint8Array): boolean {
  return value instanceof Uint8Array && same(value, bytes);
}

export class TwinSession {
  readonly keys: SessionKeys;
  readonly #end: 'node' | 'master';
  readonly #window = new ReplayWindow();
  readonly #takesOther: boolean;
  #sequence = 0n;

  constructor(end: 'node' | 'master', keys: SessionKeys, takesOther = false) {
    this.#end = end;
    this.keys = keys;
    this.#takesOther = takesOther;
  }

  seal(kind: SessionKind, body: Body, nonce: Uint8Array): Uint8Array {
    return this.#seal(kinds[kind], encode(checkBody(schemaOf[kind], body)), nonce);
  }

  sealOther(body: Uint8Array, nonce: Uint8Array): Uint8Array {
    return this.#seal(this.#end === 'node' ? kinds.OTHER_UP : kinds.OTHER_DOWN, body, nonce);
  }

  #seal(kind: number, body: Uint8Array, nonce: Uint8Array): Uint8Array {
    const isNode = this.#end === 'node';
    this.#sequence += 1n;
    const metadata = metadataBytes({ kind, keyId: this.keys.keyId, sequence: this.#sequence, nonce });
    const plaintext = join(u8(kind), body);
    return sealEnvelope(
      isNode ? this.keys.up : this.keys.down,
      metadata,
      isNode ? upRoute(this.keys) : downRoute(this.keys),
      plaintext,
    );
  }

  /** @param allows step 5 at the master */
  open(
    frame: Uint8Array,
    allows: () => boolean = () => true,
  ): { kind: SessionKind | 'OTHER'; body: Value; sequence: bigint } {
    const isNode = this.#end === 'node';
    const names: readonly SessionKind[] = isNode ? downKinds : upKinds;
    const other = isNode ? kinds.OTHER_DOWN : kinds.OTHER_UP;
    const opened = openEnvelope(frame, {
      frameMax: dataFrameMax,
      kinds: [...names.map((name) => kinds[name]), ...(this.#takesOther ? [other] : [])],
      sequenceMax: sessionMaxMessages,
      key: (keyId) =>
        same(keyId, this.keys.keyId)
          ? { key: isNode ? this.keys.down : this.keys.up, route: isNode ? downRoute(this.keys) : upRoute(this.keys) }
          : undefined,
    });
    this.#window.check(opened.sequence);
    refuseUnless(allows(), 'rate.exceeded');
    this.#window.take(opened.sequence);
    checkInnerKind(opened);
    if (opened.kind === other) return { kind: 'OTHER', body: opened.body, sequence: opened.sequence };
    const kind = names.find((name) => kinds[name] === opened.kind) ?? refuse('frame.kind');
    const body = checkBody(schemaOf[kind], decode(opened.body));
    refuseUnless(kind !== 'COMMAND' || sameValue(body['target'], this.keys.nodeId), 'command.target');
    return { kind, body, sequence: opened.sequence };
  }
}
