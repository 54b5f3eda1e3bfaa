import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, privateDecrypt } from 'node:crypto';
import { expect, it } from 'vitest';
import { oaep, systemEntropy } from '@sealcast/channel/entropy';
import { FirstKeyOpener } from '@sealcast/channel/first-key';
import { masterKeys } from '../unit/channel/parties.ts';
import { drawing } from './drawing.ts';
import { type Case, fromHex, needVectors, readCases, tally } from './vectors.ts';

interface Wrapped extends Case {
  msg: string;
  ct: string;
  label: string;
  group: { privateKeyPkcs8: string };
}

const file = 'rsa_oaep_2048_sha256_mgf1sha256';
const random = Buffer.alloc(32, 0x7e);
const wrappedBytes = 256;

needVectors();

function keyOf({ group }: Wrapped) {
  return createPrivateKey({ key: fromHex(group.privateKeyPkcs8), format: 'der', type: 'pkcs8' });
}

/** The label is the vector's; padding and hashes are what the channel sets. */
function judgePadding(given: Wrapped): string {
  const open = () => privateDecrypt({ key: keyOf(given), ...oaep, oaepLabel: fromHex(given.label) }, fromHex(given.ct));
  if (given.result === 'valid') assert.equal(open().toString('hex'), given.msg);
  else assert.throws(open, /oaep|data|length/);
  return given.result;
}

function judgeAtTheMaster(given: Wrapped): string {
  const rsaPrivate = keyOf(given);
  const rsaSpki = createPublicKey(rsaPrivate).export({ format: 'der', type: 'spki' });
  const opener = new FirstKeyOpener({ ...masterKeys, rsaPrivate, rsaSpki }, drawing(random));
  const k0 = systemEntropy.bytes(32);
  assert.deepEqual(opener.open(systemEntropy.wrapKey(rsaPrivate, k0)), Buffer.from(k0));
  const wrapped = fromHex(given.ct);
  if (wrapped.length !== wrappedBytes) return 'does not apply: a frame holds 256 bytes';
  assert.equal(Buffer.from(opener.open(wrapped)).equals(random), true);
  return 'a random key in its place';
}

it('RSA-2048-OAEP with the label of each vector opens every valid one and no other', () => {
  expect(tally(readCases<Wrapped>(file), judgePadding)).toEqual({ valid: 18, invalid: 19 });
});

it('the master opens what is wrapped with the protocol’s label, and none of the vectors, which have others', () => {
  expect(tally(readCases<Wrapped>(file), judgeAtTheMaster)).toEqual({
    'a random key in its place': 32,
    'does not apply: a frame holds 256 bytes': 5,
  });
});
