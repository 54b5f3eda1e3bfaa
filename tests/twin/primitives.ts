// PROTOCOL.md, Primitives: the pure JavaScript ones of @noble, so that nothing is shared with the channel's OpenSSL.
import { gcm } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { join } from './bytes.ts';

export function sha256(...parts: Uint8Array[]): Uint8Array {
  return nobleSha256(join(...parts));
}

export function hkdfExtract(salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return extract(nobleSha256, ikm, salt);
}

export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return expand(nobleSha256, prk, info, length);
}

/** Ciphertext ‖ 16-byte tag. */
export function gcmSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return gcm(key, nonce, aad).encrypt(plaintext);
}

/** undefined where the tag does not fit. */
export function gcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  try {
    return gcm(key, nonce, aad).decrypt(sealed);
  } catch {
    return undefined;
  }
}

export function ed25519Public(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

export function ed25519Sign(seed: Uint8Array, ...message: Uint8Array[]): Uint8Array {
  return ed25519.sign(join(...message), seed);
}

export function ed25519Verify(publicKey: Uint8Array, signature: Uint8Array, ...message: Uint8Array[]): boolean {
  try {
    // zip215: false is RFC 8032: canonical encodings only, and no public key of small order.
    return ed25519.verify(signature, join(...message), publicKey, { zip215: false });
  } catch {
    return false;
  }
}

export function x25519Public(secret: Uint8Array): Uint8Array {
  return x25519.getPublicKey(secret);
}

/** undefined where the result is all zero. */
export function x25519Shared(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    return x25519.getSharedSecret(secret, publicKey);
  } catch {
    return undefined;
  }
}

/** @param seed d ‖ z of FIPS 203, 64 bytes */
export function mlkemKeys(seed: Uint8Array): { encapsulationKey: Uint8Array; decapsulationKey: Uint8Array } {
  const { publicKey, secretKey } = ml_kem768.keygen(seed);
  return { encapsulationKey: publicKey, decapsulationKey: secretKey };
}

/** @param randomness m of FIPS 203, 32 bytes; undefined where the key fails the check of FIPS 203 §7.2 */
export function mlkemEncapsulate(
  encapsulationKey: Uint8Array,
  randomness: Uint8Array,
): { ciphertext: Uint8Array; sharedSecret: Uint8Array } | undefined {
  try {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(encapsulationKey, randomness);
    return { ciphertext: cipherText, sharedSecret };
  } catch {
    return undefined;
  }
}

export function mlkemDecapsulate(decapsulationKey: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return ml_kem768.decapsulate(ciphertext, decapsulationKey);
}
