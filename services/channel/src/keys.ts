import { createHash, createHmac } from 'node:crypto';

// PROTOCOL.md, Key schedule. HKDF-SHA-256 is RFC 5869.

const prefix = 'sealcast/1 ';
const keyBytes = 32;
const topicBytes = 16;
const keyIdBytes = 8;

/** SHA-256 of `"label" ‖ 0x00 ‖ parts`, or of the parts alone where there is no label. */
export function sha256(label: string | undefined, ...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  if (label !== undefined) hash.update(`${label}\0`);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 5869 §2.2. */
export function extract(salt: Uint8Array, ...ikm: Uint8Array[]): Buffer {
  const mac = createHmac('sha256', salt);
  for (const part of ikm) mac.update(part);
  return mac.digest();
}

/** The first block of RFC 5869 §2.3, 32 bytes: it holds every key of the protocol. */
export function expandBlock(prk: Uint8Array, info: Uint8Array): Buffer {
  return createHmac('sha256', prk).update(info).update(Buffer.of(1)).digest();
}

function expand(prk: Uint8Array, label: string, length: number): Buffer {
  return expandBlock(prk, Buffer.from(prefix + label)).subarray(0, length);
}

/** What the first key of a join gives: 32 bytes a key, 16 the topic. */
export interface FirstKeys {
  hello: Buffer;
  refusal: Buffer;
  topic: Buffer;
}

export function firstKeys(k0: Uint8Array, fingerprint: Uint8Array): FirstKeys {
  const prk0 = extract(fingerprint, k0);
  const keys = {
    hello: expand(prk0, 'hello', keyBytes),
    refusal: expand(prk0, 'refusal', keyBytes),
    topic: expand(prk0, 'join topic', topicBytes),
  };
  erase(prk0);
  return keys;
}

/** h1, 32 bytes. */
export function firstTranscript(fingerprint: Uint8Array, rsaSpki: Uint8Array, hello: Uint8Array): Buffer {
  return sha256('sealcast/1 transcript 1', fingerprint, sha256(undefined, rsaSpki), hello);
}

/**
 * h2, 32 bytes.
 * @param offerHead the 1124 bytes of OFFER before its nonce
 */
export function secondTranscript(h1: Uint8Array, offerHead: Uint8Array): Buffer {
  return sha256('sealcast/1 transcript 2', h1, offerHead);
}

/** What a join ends with: 32 bytes a key, 16 the topic. */
export interface JoinKeys {
  wrap: Buffer;
  confirm: Buffer;
  up: Buffer;
  down: Buffer;
  topic: Buffer;
}

export function joinKeys(k0: Uint8Array, x25519: Uint8Array, mlkem: Uint8Array, h2: Uint8Array): JoinKeys {
  const prk = extract(h2, k0, x25519, mlkem);
  const keys = {
    wrap: expand(prk, 'wrap', keyBytes),
    confirm: expand(prk, 'confirm', keyBytes),
    up: expand(prk, 'up', keyBytes),
    down: expand(prk, 'down', keyBytes),
    topic: expand(prk, 'topic', topicBytes),
  };
  erase(prk);
  return keys;
}

export function eraseJoinKeys(keys: JoinKeys): void {
  erase(keys.wrap, keys.confirm, keys.up, keys.down);
}

/**
 * The hop proof under CURVE, 32 bytes.
 * @param agreed X25519 of the hop key and OFFER's ephemeral key
 */
export function hopProofOf(agreed: Uint8Array, h2: Uint8Array): Buffer {
  const prk = extract(h2, agreed);
  const proof = expand(prk, 'hop proof', keyBytes);
  erase(prk);
  return proof;
}

/** What an epoch key gives: the key of BROADCAST (32 bytes), its key id (8), its topic (16). */
export function epochKeys(epochKey: Uint8Array): { broadcast: Buffer; keyId: Buffer; topic: Buffer } {
  return {
    broadcast: expand(epochKey, 'broadcast', keyBytes),
    keyId: expand(epochKey, 'epoch id', keyIdBytes),
    topic: expand(epochKey, 'epoch topic', topicBytes),
  };
}

/** Zeroes. What a KeyObject holds can't be reached: drop it. */
export function erase(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
