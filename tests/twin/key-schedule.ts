// PROTOCOL.md, Parties and keys, Key schedule.
import { join, tagged, text } from './bytes.ts';
import { hkdfExpand, hkdfExtract, sha256 } from './primitives.ts';

export function masterFingerprint(signingPublicKey: Uint8Array): Uint8Array {
  return sha256(tagged('sealcast/1 master'), signingPublicKey);
}

export function masterId(signingPublicKey: Uint8Array): Uint8Array {
  return masterFingerprint(signingPublicKey).subarray(0, 16);
}

export function prk0(fingerprint: Uint8Array, K0: Uint8Array): Uint8Array {
  return hkdfExtract(fingerprint, K0);
}

export function transcript1(fingerprint: Uint8Array, rsaSpki: Uint8Array, hello: Uint8Array): Uint8Array {
  return sha256(tagged('sealcast/1 transcript 1'), fingerprint, sha256(rsaSpki), hello);
}

export function transcript2(h1: Uint8Array, offer: Uint8Array): Uint8Array {
  return sha256(tagged('sealcast/1 transcript 2'), h1, offer.subarray(0, 1124));
}

export function prk(h2: Uint8Array, K0: Uint8Array, x25519Shared: Uint8Array, mlkemShared: Uint8Array): Uint8Array {
  return hkdfExtract(h2, join(K0, x25519Shared, mlkemShared));
}

/** What proves a hop key under CURVE: from X25519 of that key and OFFER's ephemeral one. */
export function hopProofOf(h2: Uint8Array, shared: Uint8Array): Uint8Array {
  return derive(hkdfExtract(h2, shared), 'hop proof', 32);
}

function derive(from: Uint8Array, label: string, length: number): Uint8Array {
  return hkdfExpand(from, text(`sealcast/1 ${label}`), length);
}

/** From PRK0. */
export function helloKeys(from: Uint8Array): { hello: Uint8Array; refusal: Uint8Array; joinTopic: Uint8Array } {
  return {
    hello: derive(from, 'hello', 32),
    refusal: derive(from, 'refusal', 32),
    joinTopic: derive(from, 'join topic', 16),
  };
}

export interface JoinKeys {
  wrap: Uint8Array;
  confirm: Uint8Array;
  up: Uint8Array;
  down: Uint8Array;
  topic: Uint8Array;
}

/** From PRK. */
export function joinKeys(from: Uint8Array): JoinKeys {
  return {
    wrap: derive(from, 'wrap', 32),
    confirm: derive(from, 'confirm', 32),
    up: derive(from, 'up', 32),
    down: derive(from, 'down', 32),
    topic: derive(from, 'topic', 16),
  };
}

/** From an epoch key. */
export function epochKeys(from: Uint8Array): { broadcast: Uint8Array; epochId: Uint8Array; epochTopic: Uint8Array } {
  return {
    broadcast: derive(from, 'broadcast', 32),
    epochId: derive(from, 'epoch id', 8),
    epochTopic: derive(from, 'epoch topic', 16),
  };
}
