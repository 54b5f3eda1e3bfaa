import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signParts, verifyParts } from '@sealcast/channel/signature';
import { flipped, fromHex } from './parties.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ format: 'raw-public' });
const message = fromHex('0102');

// y of the points whose order divides 8, and what is y + p: all with either sign of x.
const weak = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

/** R = the neutral point, S = 0: a lax verifier takes it for the neutral point as the key, whatever was signed. */
const forged = fromHex(`01${'00'.repeat(63)}`);

describe('a signature', () => {
  it('verifies under its key, its label and its parts', () => {
    const signature = signParts(privateKey, 'offer', message);
    expect(signature).toHaveLength(64);
    expect(verifyParts(key, signature, 'offer', message)).toBe(true);
    expect(verifyParts(key, signature, 'offer', message.subarray(0, 1), message.subarray(1))).toBe(true);
    expect(verifyParts(key, signature, 'hello', message)).toBe(false);
    expect(verifyParts(key, signature, 'offer', flipped(message, 0))).toBe(false);
  });

  it('verifies no more once any byte is changed', () => {
    const signature = signParts(privateKey, 'offer', message);
    const verified = Array.from(signature, (_, at) => verifyParts(key, flipped(signature, at), 'offer', message));
    expect(verified).toHaveLength(64);
    expect(verified).not.toContain(true);
  });

  it('of another length verifies nothing', () => {
    const signature = signParts(privateKey, 'offer', message);
    expect(verifyParts(key, signature.subarray(0, 63), 'offer', message)).toBe(false);
    expect(verifyParts(key, new Uint8Array(0), 'offer', message)).toBe(false);
  });

  it('with S not below L verifies nothing', () => {
    const signature = signParts(privateKey, 'offer', message);
    const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
    const s = Buffer.from(signature.subarray(32).toReversed());
    const digits = (BigInt(`0x${s.toString('hex')}`) + order).toString(16).padStart(64, '0');
    const high = Buffer.concat([signature.subarray(0, 32), fromHex(digits).toReversed()]);
    expect(verifyParts(key, high, 'offer', message)).toBe(false);
  });

  it.each(weak)('by the key %s, for which anybody could sign, verifies nothing', (digits) => {
    const negative = `${digits.slice(0, 62)}${digits.endsWith('7f') ? 'ff' : (Number.parseInt(digits.slice(62), 16) | 0x80).toString(16)}`;
    for (const point of [digits, negative]) expect(verifyParts(fromHex(point), forged, 'offer', message)).toBe(false);
  });

  it('fits the first example of RFC 8032 §7.1', () => {
    const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
    const example = createPrivateKey({ key: seed, format: 'raw-private', asymmetricKeyType: 'ed25519' });
    const point = createPublicKey(example).export({ format: 'raw-public' });
    expect(point.toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(verifyParts(point, signParts(example, 'refusal'), 'refusal')).toBe(true);
  });
});
