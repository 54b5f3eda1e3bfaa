import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { nonceBytes, tagBytes } from '@sealcast/channel/frame';
import { openFrom, sealWithin } from '@sealcast/channel/seal';
import { refusalOf } from '../unit/channel/parties.ts';
import { type Case, fromHex, needVectors, readCases, tally } from './vectors.ts';

interface Sealed extends Case {
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
  /** Bits. */
  group: { keySize: number; ivSize: number; tagSize: number };
}

/** Bytes of a frame before the ciphertext, which neither opening nor sealing may touch. */
const before = Buffer.from('metadata');

needVectors();

function judge(given: Sealed): string {
  const { keySize, ivSize, tagSize } = given.group;
  if (keySize !== 256) return `does not apply: a key of ${keySize} bits`;
  if (ivSize !== nonceBytes * 8) return 'does not apply: a nonce of another length';
  if (tagSize !== tagBytes * 8) return 'does not apply: a tag of another length';
  const [key, nonce, aad] = [fromHex(given.key), fromHex(given.iv), fromHex(given.aad)];
  const frame = Buffer.concat([before, fromHex(given.ct), fromHex(given.tag)]);
  const open = () => openFrom(frame, before.length, key, nonce, aad, 'seal.open');
  if (given.result === 'invalid') {
    assert.equal(refusalOf(open), 'seal.open');
    return 'refused';
  }
  const message = fromHex(given.msg);
  assert.equal(open().equals(message), true);
  const sealed = Buffer.concat([before, message, Buffer.alloc(tagBytes)]);
  sealWithin(sealed, before.length, message.length, key, nonce, aad);
  assert.equal(sealed.equals(frame), true);
  return 'opened and sealed';
}

it('AES-256-GCM opens and seals every vector with a nonce of 12 bytes and a tag of 16 as it says', () => {
  expect(tally(readCases<Sealed>('aes_gcm'), judge)).toEqual({
    'opened and sealed': 39,
    refused: 27,
    'does not apply: a key of 128 bits': 108,
    'does not apply: a key of 192 bits': 103,
    'does not apply: a nonce of another length': 39,
  });
});
