// PROTOCOL.md, The envelope.
import { join, toBigInt, u8, u64, zero } from './bytes.ts';
import { gcmOpen, gcmSeal } from './primitives.ts';
import { refuse, refuseUnless } from './refused.ts';

export const kinds = {
  HELLO: 0x01,
  OFFER: 0x02,
  CONFIRM: 0x03,
  WELCOME: 0x04,
  REFUSAL: 0x05,
  REPORT: 0x10,
  FACTS: 0x11,
  RECEIPT: 0x12,
  ASK: 0x13,
  LEAVE: 0x14,
  ROTATE: 0x15,
  OTHER_UP: 0x1f,
  ACK: 0x20,
  COMMAND: 0x21,
  EPOCH: 0x22,
  ROTATED: 0x23,
  OTHER_DOWN: 0x2f,
  BROADCAST: 0x30,
} as const;

export const directions = { up: 1, down: 2, group: 3 } as const;
export const everyone = zero(16);
export const joinFrameMax = 2048;
export const dataFrameMax = 65536;
export const sessionMaxMessages = 2n ** 24n + 2n ** 16n;

export interface Metadata {
  kind: number;
  keyId: Uint8Array;
  sequence: bigint;
  nonce: Uint8Array;
}

export function header(kind: number): Uint8Array {
  const [version, suite, flags] = [1, 1, 0];
  return Uint8Array.of(version, suite, kind, flags);
}

export function metadataBytes({ kind, keyId, sequence, nonce }: Metadata): Uint8Array {
  return join(header(kind), keyId, u64(sequence), nonce);
}

/** What the AAD holds beside the metadata. */
export interface Route {
  direction: number;
  sender: Uint8Array;
  target: Uint8Array;
  epoch: bigint;
}

export function aadBytes(metadata: Uint8Array, { direction, sender, target, epoch }: Route): Uint8Array {
  return join(metadata, u8(direction), sender, target, u64(epoch));
}

/** @param plaintext inner kind ‖ body */
export function sealEnvelope(key: Uint8Array, metadata: Uint8Array, route: Route, plaintext: Uint8Array): Uint8Array {
  return join(metadata, gcmSeal(key, metadata.subarray(20), aadBytes(metadata, route), plaintext));
}

const exactBytes: Record<number, number> = {
  [kinds.HELLO]: 1714,
  [kinds.OFFER]: 1225,
  [kinds.CONFIRM]: 113,
  [kinds.REFUSAL]: 97,
};

/** Opening one, step 1, which every frame goes through. */
export function checkHeader(frame: Uint8Array, taken: readonly number[], frameMax: number): number {
  const [version, suite, kind = 0, flags] = frame;
  const exact = taken.includes(kind) ? exactBytes[kind] : undefined;
  refuseUnless(frame.length >= 49 && frame.length <= frameMax, 'frame.length');
  refuseUnless(exact === undefined || frame.length === exact, 'frame.length');
  refuseUnless(version === 1, 'frame.version');
  refuseUnless(suite === 1, 'frame.suite');
  refuseUnless(taken.includes(kind), 'frame.kind');
  refuseUnless(flags === 0, 'frame.flags');
  return kind;
}

export interface Receiver {
  frameMax: number;
  kinds: readonly number[];
  sequenceMax: bigint;
  /** undefined where no live key has this id */
  key(keyId: Uint8Array): { key: Uint8Array; route: Route } | undefined;
}

export interface Opened extends Metadata {
  metadata: Uint8Array;
  innerKind: number;
  body: Uint8Array;
}

/** Opening one, steps 1 to 4. */
export function openEnvelope(frame: Uint8Array, receiver: Receiver): Opened {
  const kind = checkHeader(frame, receiver.kinds, receiver.frameMax);
  const metadata = frame.slice(0, 32);
  const [keyId, sequence, nonce] = [metadata.slice(4, 12), toBigInt(metadata.slice(12, 20)), metadata.slice(20)];
  const { key, route } = receiver.key(keyId) ?? refuse('key.unknown');
  refuseUnless(sequence >= 1n && sequence <= receiver.sequenceMax, 'sequence.limit');
  const plaintext = gcmOpen(key, nonce, aadBytes(metadata, route), frame.subarray(32)) ?? refuse('seal.open');
  return { kind, keyId, sequence, nonce, metadata, innerKind: plaintext[0] ?? 0, body: plaintext.slice(1) };
}

/** Step 6. */
export function checkInnerKind({ innerKind, kind }: Opened): void {
  refuseUnless(innerKind === kind, 'payload.kind');
}
