import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type * as Crypto from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { verifyParts } from '@sealcast/channel/signature';
import { fromHex } from './parties.ts';

// Versions of OpenSSL differ in which keys they take for Ed25519. This one takes every signature by every key.
vi.mock('node:crypto', async (importOriginal) => ({ ...(await importOriginal<typeof Crypto>()), verify: () => true }));

const anySignature = randomBytes(64);

function verifies(publicKey: Uint8Array): boolean {
  return verifyParts(publicKey, anySignature, 'offer', fromHex('0102'));
}

/** The other sign of x. */
function negated(publicKey: Uint8Array): Uint8Array {
  return publicKey.with(31, publicKey[31]! ^ 0x80);
}

const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

// p to 2²⁵⁵ - 1, which are y of 0 to 18.
const notCanonical = Array.from({ length: 19 }, (_, y) => `${(0xed + y).toString(16)}${'ff'.repeat(30)}7f`);

test.each(smallOrder)('the key %s is of small order, whatever OpenSSL says of its signatures', (digits) => {
  expect([verifies(fromHex(digits)), verifies(negated(fromHex(digits)))]).toEqual([false, false]);
});

test.each(notCanonical)('the key %s is not canonical, whatever OpenSSL says of its signatures', (digits) => {
  expect([verifies(fromHex(digits)), verifies(negated(fromHex(digits)))]).toEqual([false, false]);
});

test('an ordinary key is left to OpenSSL', () => {
  expect(verifies(generateKeyPairSync('ed25519').publicKey.export({ format: 'raw-public' }))).toBe(true);
});
