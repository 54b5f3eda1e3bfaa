import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import { importMlkem, newMlkem, openMlkem } from '@sealcast/channel/exchange';
import { refusalOf } from '../unit/channel/parties.ts';
import { drawing } from './drawing.ts';
import { type Case, fromHex, needVectors, readCases, tally } from './vectors.ts';

interface Keygen extends Case {
  seed: string;
  ek: string;
}

interface Encapsulation extends Case {
  ek: string;
}

interface Decapsulation extends Case {
  seed: string;
  ek?: string;
  c: string;
  K: string;
}

const seedBytes = 64;
const keyBytes = 1184;

needVectors();

function judgeKeygen(given: Keygen): string {
  assert.equal(newMlkem(drawing(fromHex(given.seed))).publicKey.toString('hex'), given.ek);
  return 'the same key';
}

function judgeEncapsulation(given: Encapsulation): string {
  const peer = fromHex(given.ek);
  if (given.result === 'invalid') {
    assert.equal(
      refusalOf(() => importMlkem(peer)),
      'join.key',
    );
    return peer.length === keyBytes ? 'not reduced, refused' : 'of another length, refused';
  }
  const key = importMlkem(peer);
  assert.equal(key.export({ format: 'raw-public' }).equals(peer), true);
  const { ciphertext, sharedSecret } = systemEntropy.encapsulate(key);
  assert.deepEqual([ciphertext.length, sharedSecret.length], [1088, 32]);
  // The randomness is drawn within encapsulate(), so that the vector's ciphertext can't come out.
  return 'key taken, ciphertext not compared';
}

function judgeDecapsulation(given: Decapsulation): string {
  const seed = fromHex(given.seed);
  if (seed.length !== seedBytes) {
    assert.throws(() => newMlkem(drawing(seed)), /seed|key/i);
    return 'a seed of another length, no key';
  }
  const { privateKey, publicKey } = newMlkem(drawing(seed));
  assert.equal(publicKey.toString('hex'), given.ek);
  const open = () => openMlkem(privateKey, fromHex(given.c)).toString('hex');
  if (given.result === 'invalid') {
    assert.throws(open, /decapsulat/i);
    return 'a ciphertext of another length, no secret';
  }
  assert.equal(open(), given.K);
  return 'the same secret';
}

it('ML-KEM-768 makes the encapsulation key of every seed', () => {
  expect(tally(readCases<Keygen>('mlkem_768_keygen_seed'), judgeKeygen)).toEqual({ 'the same key': 100 });
});

it('ML-KEM-768 takes every well-formed encapsulation key and no other', () => {
  expect(tally(readCases<Encapsulation>('mlkem_768_encaps'), judgeEncapsulation)).toEqual({
    'not reduced, refused': 112,
    'of another length, refused': 20,
    'key taken, ciphertext not compared': 133,
  });
});

it('ML-KEM-768 finds the secret of every ciphertext, also of one that was changed or drawn at random', () => {
  expect(tally(readCases<Decapsulation>('mlkem_768'), judgeDecapsulation)).toEqual({
    'the same secret': 153,
    'a seed of another length, no key': 20,
    'a ciphertext of another length, no secret': 20,
  });
});

it('ML-KEM-768 has no decapsulation key but from a seed: vectors of expanded ones do not apply', () => {
  const counts = tally(readCases('mlkem_768_semi_expanded_decaps'), () => 'does not apply: an expanded key');
  expect(counts).toEqual({ 'does not apply: an expanded key': 9 });
});
