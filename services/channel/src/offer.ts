import type { KeyObject } from 'node:crypto';
import { isZero } from './bytes.ts';
import { Refusal } from './errors.ts';
import { kinds, nonceBytes, offerBytes, suite, version } from './frame.ts';
import { openFrom, sealWithin } from './seal.ts';
import { signatureBytes, signParts, verifyParts } from './signature.ts';

// PROTOCOL.md, OFFER: 1225 bytes
//
//     0     4     version, suite, kind 0x02, flags
//     4     32    ephemeral X25519 public key
//     36    1088  ML-KEM-768 ciphertext
//     1124  12    nonce
//     1136  73    ciphertext under the wrap key, AAD = bytes 0 to 1135
//     1209  16    tag
//
// Plaintext:
//
//     0     1     kind 0x02
//     1     8     session key id
//     9     64    Ed25519 signature by the master over "sealcast/1 offer" ‖ 0x00 ‖ h2 ‖ session key id

const x25519At = 4;
const mlkemAt = 36;
const nonceAt = 1124;
const sealedAt = 1136;
const keyIdAt = 1;
const signatureAt = 9;
const plaintextBytes = signatureAt + signatureBytes;

/** What h2 covers. */
export function offerHead(x25519: Uint8Array, mlkem: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(version, suite, kinds.offer, 0), x25519, mlkem]);
}

export function sealOffer(
  head: Uint8Array,
  nonce: Uint8Array,
  keyId: Uint8Array,
  h2: Uint8Array,
  wrapKey: Uint8Array,
  signingPrivate: KeyObject,
): Buffer {
  const frame = Buffer.alloc(offerBytes);
  frame.set(head);
  frame.set(nonce, nonceAt);
  const plaintext = frame.subarray(sealedAt, sealedAt + plaintextBytes);
  plaintext[0] = kinds.offer;
  plaintext.set(keyId, keyIdAt);
  plaintext.set(signParts(signingPrivate, 'offer', h2, keyId), signatureAt);
  sealWithin(frame, sealedAt, plaintextBytes, wrapKey, nonce, frame.subarray(0, sealedAt));
  return frame;
}

/** @param frame of the exact length; what these hand out is not authenticated yet */
export function offerParts(frame: Uint8Array): { head: Uint8Array; x25519: Uint8Array; mlkem: Uint8Array } {
  return {
    head: frame.subarray(0, nonceAt),
    x25519: frame.subarray(x25519At, mlkemAt),
    mlkem: frame.subarray(mlkemAt, nonceAt),
  };
}

/**
 * @returns the session key id, 8 bytes
 * @throws Refusal `seal.open`, `payload.kind`, `signature.offer`, `join.key`
 */
export function openOffer(frame: Uint8Array, h2: Uint8Array, wrapKey: Uint8Array, signing: Uint8Array): Buffer {
  const nonce = frame.subarray(nonceAt, nonceAt + nonceBytes);
  const plaintext = openFrom(frame, sealedAt, wrapKey, nonce, frame.subarray(0, sealedAt), 'seal.open');
  if (plaintext[0] !== kinds.offer) throw new Refusal('payload.kind');
  const keyId = plaintext.subarray(keyIdAt, signatureAt);
  if (!verifyParts(signing, plaintext.subarray(signatureAt), 'offer', h2, keyId)) throw new Refusal('signature.offer');
  if (isZero(keyId)) throw new Refusal('join.key');
  return keyId;
}
