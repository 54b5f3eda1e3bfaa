import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { verifies } from '@sealcast/channel/signature';
import { type Case, fromHex, needVectors, readCases, tally } from './vectors.ts';

interface Signed extends Case {
  msg: string;
  sig: string;
  group: { publicKey: { pk: string } };
}

needVectors();

function judge(given: Signed): string {
  const verified = verifies(fromHex(given.group.publicKey.pk), fromHex(given.sig), fromHex(given.msg));
  assert.equal(verified, given.result === 'valid');
  return verified ? 'verified' : 'did not verify';
}

it('Ed25519 verifies every valid vector and no other', () => {
  expect(tally(readCases<Signed>('ed25519'), judge)).toEqual({ verified: 88, 'did not verify': 63 });
});
