import { curveKeyOf, isCurvePair } from '@sealcast/hop/curve-pair';
import { encodeZ85 } from '@sealcast/channel/z85';
import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';

const good = curveKeyPair();
const zero = encodeZ85(Buffer.alloc(32));

test('a pair as libzmq makes it is one, and keys from two are none', () => {
  for (let count = 0; count < 20; count += 1) expect(isCurvePair(curveKeyPair())).toBe(true);
  expect(isCurvePair({ ...good, publicKey: curveKeyPair().publicKey })).toBe(false);
  expect(isCurvePair({ publicKey: good.secretKey, secretKey: good.publicKey })).toBe(false);
});

test.each([
  ['all zero', zero],
  ['too short', encodeZ85(Buffer.alloc(28, 7))],
  ['too long', encodeZ85(Buffer.alloc(36, 7))],
  ['empty', ''],
  ['no Z85', '"'.repeat(40)],
  ['above what five characters can hold', '#'.repeat(40)],
])('a key that is %s is none, as either half', (_, key) => {
  expect(() => curveKeyOf(key)).toThrow(/^is not a CURVE key|^z85: /);
  expect(isCurvePair({ ...good, secretKey: key })).toBe(false);
  expect(isCurvePair({ ...good, publicKey: key })).toBe(false);
});
