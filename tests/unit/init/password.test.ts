import { argon2id } from '@noble/hashes/argon2.js';
import { expect, test } from 'vitest';
import { hashPassword, isPassword, makePassword, readHash } from '@sealcast/init/password';

// From the reference implementation's own tests (phc-winner-argon2, src/test.c).
const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
const password = 'correct horse';

function hashed(text: string) {
  const hash = readHash(text);
  if (hash === undefined) throw new Error('not a hash');
  return hash;
}

test('a password is four groups of four letters and digits that look like no other', () => {
  for (let round = 0; round < 200; round++)
    expect(makePassword()).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
});

test('two passwords differ', () => {
  expect(new Set(Array.from({ length: 100 }, makePassword)).size).toBe(100);
});

test('every letter of the alphabet is used', () => {
  const letters = new Set(Array.from({ length: 200 }, makePassword).join('').replaceAll('-', ''));
  expect([...letters].toSorted().join('')).toBe('23456789abcdefghjkmnpqrstuvwxyz');
});

test('a hash is argon2id with 19 MiB, two passes, one lane, a salt of 16 and a hash of 32 bytes', () => {
  expect(hashPassword(password)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
});

test('the same password is never hashed to the same text', () => {
  expect(hashPassword(password)).not.toBe(hashPassword(password));
});

test('a hash knows its password and no other', () => {
  const hash = hashed(hashPassword(password));
  expect(isPassword(password, hash)).toBe(true);
  expect(isPassword('correct horsf', hash)).toBe(false);
  expect(isPassword('', hash)).toBe(false);
});

test('the hash is what another implementation makes of password, salt and costs', () => {
  const { salt, hash } = hashed(hashPassword(password));
  expect(Buffer.from(argon2id(password, salt, { m: 19456, t: 2, p: 1, dkLen: 32 }))).toEqual(hash);
});

test('a hash that the reference implementation made is checked with its own costs', () => {
  expect(hashed(reference)).toMatchObject({ memory: 65536, passes: 2, parallelism: 1 });
  expect(isPassword('password', hashed(reference))).toBe(true);
  expect(isPassword('passwore', hashed(reference))).toBe(false);
});

test.each([
  ['nothing', ''],
  [
    'another function',
    '$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$VGVzdFRlc3RUZXN0VGVzdFRlc3RUZXN0VGVzdFRlc3Q',
  ],
  ['no passes', '$argon2id$v=19$m=19456,t=0,p=1$c2FsdHNhbHRzYWx0c2FsdA$VGVzdFRlc3RUZXN0VGVzdFRlc3RUZXN0VGVzdFRlc3Q'],
  [
    'less memory than its lanes need',
    '$argon2id$v=19$m=15,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$VGVzdFRlc3RUZXN0VGVzdFRlc3RUZXN0VGVzdFRlc3Q',
  ],
  [
    'memory that no machine has',
    '$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$VGVzdFRlc3RUZXN0VGVzdFRlc3RUZXN0VGVzdFRlc3Q',
  ],
  ['no hash', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$'],
  [
    'a line after it',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$VGVzdFRlc3RUZXN0VGVzdFRlc3RUZXN0VGVzdFRlc3Q\n$',
  ],
])('a text with %s is no hash', (_, text) => {
  expect(readHash(text)).toBeUndefined();
});
