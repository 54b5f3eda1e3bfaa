import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { expandBlock, extract } from '@sealcast/channel/keys';
import { type Case, fromHex, needVectors, readCases, tally } from './vectors.ts';

interface Derivation extends Case {
  ikm: string;
  salt: string;
  info: string;
  size: number;
  okm: string;
}

const blockBytes = 32;

needVectors();

function judge(given: Derivation): string {
  if (given.result === 'invalid') return 'does not apply: more bytes than HKDF can give';
  const block = expandBlock(extract(fromHex(given.salt), fromHex(given.ikm)), fromHex(given.info));
  const expected = fromHex(given.okm).subarray(0, blockBytes);
  assert.equal(block.subarray(0, expected.length).toString('hex'), expected.toString('hex'));
  return given.size <= blockBytes ? 'whole' : 'the first block of several';
}

it('HKDF-SHA-256 derives the first block of every vector, which is all that the protocol takes', () => {
  expect(tally(readCases<Derivation>('hkdf_sha256'), judge)).toEqual({
    whole: 30,
    'the first block of several': 53,
    'does not apply: more bytes than HKDF can give': 3,
  });
});
