import { createPrivateKey, createPublicKey, decapsulate, diffieHellman, type KeyObject } from 'node:crypto';
import type { Entropy } from './entropy.ts';
import { Refusal } from './errors.ts';
import { erase } from './keys.ts';

// The ephemeral keys of one join: X25519 (RFC 7748 §6.1) and ML-KEM-768 (FIPS 203).

const x25519Bytes = 32;
const mlkemSeedBytes = 64;

export interface Ephemeral {
  privateKey: KeyObject;
  publicKey: Buffer;
}

/** Draws 32 bytes. */
export function newX25519(entropy: Entropy): Ephemeral {
  return takeX25519(entropy.bytes(x25519Bytes));
}

/** @param secret 32 bytes, which are erased */
export function takeX25519(secret: Uint8Array): Ephemeral {
  return fromSecret(secret, 'raw-private', 'x25519');
}

/** Draws 64 bytes: d ‖ z of FIPS 203 §7.1. */
export function newMlkem(entropy: Entropy): Ephemeral {
  return fromSecret(entropy.bytes(mlkemSeedBytes), 'raw-seed', 'ml-kem-768');
}

function fromSecret(
  secret: Uint8Array,
  format: 'raw-private' | 'raw-seed',
  asymmetricKeyType: 'x25519' | 'ml-kem-768',
): Ephemeral {
  const privateKey = createPrivateKey({ key: secret, format, asymmetricKeyType });
  erase(secret);
  return { privateKey, publicKey: createPublicKey(privateKey).export({ format: 'raw-public' }) };
}

/**
 * @param peer 32 bytes
 * @returns the shared secret, 32 bytes
 * @throws Refusal `join.key`, where the peer's key is of low order and the result all zero
 */
export function agree(privateKey: KeyObject, peer: Uint8Array): Buffer {
  try {
    const publicKey = createPublicKey({ key: peer, format: 'raw-public', asymmetricKeyType: 'x25519' });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    throw new Refusal('join.key');
  }
}

/**
 * @param peer 1184 bytes
 * @throws Refusal `join.key`, where a coefficient is not below q (FIPS 203 §7.2)
 */
export function importMlkem(peer: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: peer, format: 'raw-public', asymmetricKeyType: 'ml-kem-768' });
  } catch {
    throw new Refusal('join.key');
  }
}

/**
 * FIPS 203 §7.3. A ciphertext that is not the peer's gives another secret, and no error.
 * @param ciphertext 1088 bytes
 * @returns the shared secret, 32 bytes
 */
export function openMlkem(privateKey: KeyObject, ciphertext: Uint8Array): Buffer {
  return decapsulate(privateKey, ciphertext);
}
