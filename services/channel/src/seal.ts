import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Refusal, type RefusalCode } from './errors.ts';
import { tagBytes } from './frame.ts';

const cipher = 'aes-256-gcm';
/** Node 26 takes no other length without it either; earlier versions took tags of 4 bytes. */
const options = { authTagLength: tagBytes };

/**
 * Turns frame[start..start+length) into its AES-256-GCM ciphertext (SP 800-38D), and writes the tag behind it.
 * @param frame at least start + length + 16 bytes
 * @param key 32 bytes
 * @param nonce 12 bytes, never used with this key before
 */
export function sealWithin(
  frame: Buffer,
  start: number,
  length: number,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
): void {
  const sealing = createCipheriv(cipher, key, nonce, options);
  sealing.setAAD(aad);
  frame.set(sealing.update(frame.subarray(start, start + length)), start);
  sealing.final();
  frame.set(sealing.getAuthTag(), start + length);
}

/**
 * Opens frame[start..): ciphertext, then 16 bytes of tag.
 * @returns the plaintext, in memory of its own
 * @throws Refusal `refusal`, where the tag does not fit
 */
export function openFrom(
  frame: Uint8Array,
  start: number,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  refusal: RefusalCode,
): Buffer {
  const opening = createDecipheriv(cipher, key, nonce, options);
  opening.setAAD(aad);
  opening.setAuthTag(frame.subarray(frame.length - tagBytes));
  const plaintext = opening.update(frame.subarray(start, frame.length - tagBytes));
  try {
    opening.final();
  } catch {
    plaintext.fill(0);
    throw new Refusal(refusal);
  }
  return plaintext;
}
