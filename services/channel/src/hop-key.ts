// What a node is let to the data ports by, and how its master knows that it is the node's own (PROTOCOL.md, Mechanisms, CONFIRM).
import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { exactly, isZero } from './bytes.ts';
import { Refusal } from './errors.ts';
import { agree, takeX25519 } from './exchange.ts';
import { erase, hopProofOf, sha256 } from './keys.ts';
import type { Mechanism } from './payloads.ts';

/** What a node has of its mechanism: 32 bytes, under CURVE an X25519 private key. */
export type HopSecret = { mechanism: Exclude<Mechanism, 'null'>; secret: Uint8Array } | { mechanism: 'null' };

const keyBytes = 32;

/** The hop key of a node that shows `secret` under PLAIN, 32 bytes. */
export function plainHopKey(secret: Uint8Array): Buffer {
  return sha256(undefined, secret);
}

/**
 * @returns the hop key, 32 bytes
 * @throws Error where the secret is not 32 bytes
 */
export function hopKeyOf(hop: HopSecret): Uint8Array {
  if (hop.mechanism === 'null') return new Uint8Array(keyBytes);
  const secret = exactly(keyBytes, hop.secret, 'hop secret');
  return hop.mechanism === 'plain' ? plainHopKey(secret) : takeX25519(Uint8Array.from(secret)).publicKey;
}

/**
 * @param offered the ephemeral key of OFFER, 32 bytes
 * @returns the hop proof, 32 bytes, the caller's to erase
 */
export function proveHop(hop: HopSecret, offered: Uint8Array, h2: Uint8Array): Uint8Array {
  if (hop.mechanism === 'null') return new Uint8Array(keyBytes);
  const secret = Uint8Array.from(hop.secret);
  return hop.mechanism === 'plain' ? secret : curveProof(takeX25519(secret).privateKey, offered, h2);
}

/**
 * What a hop key is held to until CONFIRM. It is made with OFFER, so that the ephemeral key need not outlive that.
 * @param ephemeral the private key whose public half OFFER has
 * @returns 32 bytes, to be erased
 * @throws Refusal `join.key`, where nobody could prove such a hop key
 */
export function expectHopProof(mechanism: Mechanism, hopKey: Uint8Array, ephemeral: KeyObject, h2: Uint8Array) {
  if (mechanism === 'curve') return curveProof(ephemeral, hopKey, h2);
  if (mechanism === 'null' && !isZero(hopKey)) throw new Refusal('join.key');
  return Buffer.from(hopKey);
}

/**
 * @param expected of `expectHopProof`
 * @param proof 32 bytes
 */
export function isHopProof(mechanism: Mechanism, expected: Uint8Array, proof: Uint8Array): boolean {
  return timingSafeEqual(expected, mechanism === 'plain' ? plainHopKey(proof) : proof);
}

function curveProof(privateKey: KeyObject, publicKey: Uint8Array, h2: Uint8Array): Buffer {
  const agreed = agree(privateKey, publicKey);
  const proof = hopProofOf(agreed, h2);
  erase(agreed);
  return proof;
}
