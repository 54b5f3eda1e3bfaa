import type { KeyObject } from 'node:crypto';
import { Refusal } from './errors.ts';
import { kinds, nonceBytes, refusalBytes, suite, version } from './frame.ts';
import { openFrom, sealWithin } from './seal.ts';
import { signatureBytes, signParts, verifyParts } from './signature.ts';

// PROTOCOL.md, REFUSAL: 97 bytes
//
//     0   4   version, suite, kind 0x05, flags
//     4   12  nonce
//     16  65  ciphertext under the refusal key, AAD = bytes 0 to 15
//     81  16  tag
//
// Plaintext:
//
//     0   1   kind 0x05
//     1   64  Ed25519 signature by the master over "sealcast/1 refusal" ‖ 0x00 ‖ h1

const nonceAt = 4;
const sealedAt = 16;
const signatureAt = 1;
const plaintextBytes = signatureAt + signatureBytes;

export function sealRefusal(
  h1: Uint8Array,
  nonce: Uint8Array,
  refusalKey: Uint8Array,
  signingPrivate: KeyObject,
): Buffer {
  const frame = Buffer.alloc(refusalBytes);
  frame.set([version, suite, kinds.refusal, 0]);
  frame.set(nonce, nonceAt);
  frame[sealedAt] = kinds.refusal;
  frame.set(signParts(signingPrivate, 'refusal', h1), sealedAt + signatureAt);
  sealWithin(frame, sealedAt, plaintextBytes, refusalKey, nonce, frame.subarray(0, sealedAt));
  return frame;
}

/**
 * @param frame of the exact length
 * @throws Refusal `seal.open`, `payload.kind`, `signature.refusal`
 */
export function openRefusal(frame: Uint8Array, h1: Uint8Array, refusalKey: Uint8Array, signing: Uint8Array): void {
  const nonce = frame.subarray(nonceAt, nonceAt + nonceBytes);
  const plaintext = openFrom(frame, sealedAt, refusalKey, nonce, frame.subarray(0, sealedAt), 'seal.open');
  if (plaintext[0] !== kinds.refusal) throw new Refusal('payload.kind');
  if (!verifyParts(signing, plaintext.subarray(signatureAt), 'refusal', h1)) throw new Refusal('signature.refusal');
}
