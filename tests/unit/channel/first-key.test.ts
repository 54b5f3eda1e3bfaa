import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type * as Crypto from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemEntropy, type Entropy } from '@sealcast/channel/entropy';
import { FirstKeyOpener } from '@sealcast/channel/first-key';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import { hex, masterKeys, newDoor, newNode, pinned, refusalOf } from './parties.ts';

/** What OpenSSL said of each number that it was to decrypt; undefined where it opened. */
const said: unknown[] = [];
/** `Error.stackTraceLimit` as it was meanwhile. */
const limits: number[] = [];
const usual = Error.stackTraceLimit;

// How much work OpenSSL did can't be told without timing it; by its error it can be seen how far it came.
vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof Crypto>();
  const privateDecrypt: typeof crypto.privateDecrypt = (key, buffer) => {
    limits.push(Error.stackTraceLimit);
    try {
      const opened = crypto.privateDecrypt(key, buffer);
      said.push(undefined);
      return opened;
    } catch (error) {
      said.push(error instanceof Object && 'code' in error ? error.code : error);
      throw error;
    }
  };
  return { ...crypto, privateDecrypt };
});

beforeEach(() => {
  said.length = 0;
  limits.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const rsa = createPublicKey(masterKeys.rsa[0].rsaPrivate);
const modulus = Buffer.from(rsa.export({ format: 'jwk' }).n ?? '', 'base64url');

/** What stands for a key and is not below the modulus, but would open where its first byte was taken for zero. */
function wrappedAboveModulus(key: Uint8Array): Uint8Array {
  for (;;) {
    const wrapped = systemEntropy.wrapKey(rsa, key);
    const above = wrapped.with(0, 0xff);
    if (wrapped[0] === 0 && Buffer.compare(above, modulus) > 0) return above;
  }
}

test.each<[string, () => Uint8Array]>([
  ['that was made up', () => randomBytes(256).fill(0, 0, 1)],
  ['of zeros', () => new Uint8Array(256)],
  ['of ones, above the modulus', () => new Uint8Array(256).fill(0xff)],
  ['that is the modulus', () => modulus],
])('a first key %s is decrypted to the end before it is refused', (_, wrapped) => {
  const opener = new FirstKeyOpener(masterKeys.rsa[0], systemEntropy);
  expect(opener.open(wrapped())).toHaveLength(32);
  expect(said).toEqual(['ERR_OSSL_RSA_OAEP_DECODING_ERROR']);
});

test("no error's stack is written down meanwhile, and afterwards it is as it was", () => {
  const opener = new FirstKeyOpener(masterKeys.rsa[0], systemEntropy);
  opener.open(systemEntropy.wrapKey(rsa, randomBytes(32)));
  expect(Error.stackTraceLimit).toBe(usual);
  opener.open(randomBytes(256).fill(0, 0, 1));
  expect(Error.stackTraceLimit).toBe(usual);
  expect(limits).toEqual([0, 0]);
});

test('a first key opens, and what does not open gives another one each time', () => {
  const opener = new FirstKeyOpener(masterKeys.rsa[0], systemEntropy);
  const key = randomBytes(32);
  expect(hex(opener.open(systemEntropy.wrapKey(rsa, key)))).toBe(hex(key));
  expect(said).toEqual([undefined]);
  const random = Array.from({ length: 8 }, () => hex(opener.open(new Uint8Array(256))));
  expect(new Set(random).size).toBe(8);
});

test('an error is made, thrown and caught whether a first key opens or not', () => {
  const opener = new FirstKeyOpener(masterKeys.rsa[0], systemEntropy);
  const wrapped = systemEntropy.wrapKey(rsa, randomBytes(32));
  let made = 0;
  vi.stubGlobal(
    'Error',
    class extends Error {
      constructor(message?: string) {
        super(message);
        made += 1;
      }
    },
  );
  opener.open(wrapped);
  expect([made, said]).toEqual([1, [undefined]]);
  // That one is OpenSSL's.
  opener.open(new Uint8Array(256));
  expect([made, said]).toEqual([1, [undefined, 'ERR_OSSL_RSA_OAEP_DECODING_ERROR']]);
});

test.each([0, 31, 33])('a first key of %i bytes is none', (length) => {
  const opener = new FirstKeyOpener(masterKeys.rsa[0], systemEntropy);
  const opened = opener.open(systemEntropy.wrapKey(rsa, new Uint8Array(length)));
  expect(opened).toHaveLength(32);
  expect(hex(opened)).not.toMatch(/^(00){31}/);
});

test('a HELLO whose first key is not below the modulus is refused, though it is signed and sealed under it', () => {
  const door = newDoor();
  const odd: Entropy = { ...systemEntropy, wrapKey: (_, key) => wrappedAboveModulus(key) };
  const { hello } = new NodeJoin(pinned, newNode(), door.book.invite(), odd);
  expect(refusalOf(() => door.joins.hello(hello, 0))).toBe('join.open');
  expect(door.joins.pending).toBe(0);
});

test('a master with several RSA keys decrypts a HELLO with each, whichever it is for', () => {
  const [newestKey] = masterKeys.rsa;
  const older = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const olderKey = {
    rsaPrivate: older.privateKey,
    rsaSpki: older.publicKey.export({ format: 'der', type: 'spki' }),
  };
  const keys = { ...masterKeys, rsa: [newestKey, olderKey] as const };
  const hellos = [newestKey, olderKey].map(
    ({ rsaSpki }) => new NodeJoin({ ...pinned, rsa: rsaSpki }, newNode(), randomBytes(16), systemEntropy).hello,
  );
  const joins = new MasterJoins(keys, systemEntropy, () => undefined);
  for (const hello of hellos) joins.hello(hello, 0);
  expect([joins.pending, said]).toEqual([
    2,
    [undefined, 'ERR_OSSL_RSA_OAEP_DECODING_ERROR', 'ERR_OSSL_RSA_OAEP_DECODING_ERROR', undefined],
  ]);
});
