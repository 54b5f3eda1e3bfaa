import { decapsulate, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { oaep, systemEntropy } from '@sealcast/channel/entropy';
import { importMlkem, newMlkem } from '@sealcast/channel/exchange';
import { hex } from './parties.ts';

describe('the entropy of the system', () => {
  it.each([1, 12, 32, 64, 4096, 5000])('gives %i bytes', (length) => {
    expect(systemEntropy.bytes(length)).toHaveLength(length);
  });

  it('never gives the same bytes twice, over many fillings of its pool', () => {
    const drawn = Array.from({ length: 2000 }, () => hex(systemEntropy.bytes(12)));
    expect(new Set(drawn).size).toBe(2000);
    expect(drawn).not.toContain('00'.repeat(12));
  });

  it('gives bytes that are the own of whoever asked', () => {
    const [first, second] = [systemEntropy.bytes(32), systemEntropy.bytes(32)];
    first.fill(0);
    expect(hex(second)).not.toBe('00'.repeat(32));
    expect(first.buffer.byteLength).toBe(32);
  });

  it('wraps a key so that OAEP with SHA-256 and the label of the protocol opens it', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = systemEntropy.bytes(32);
    const wrapped = systemEntropy.wrapKey(publicKey, key);
    expect(wrapped).toHaveLength(256);
    expect(hex(privateDecrypt({ key: privateKey, ...oaep }, wrapped))).toBe(hex(key));
    expect(() => privateDecrypt({ key: privateKey, ...oaep, oaepLabel: Buffer.from('other') }, wrapped)).toThrow(
      /oaep/,
    );
  });

  it('encapsulates to an ML-KEM-768 key', () => {
    const pair = newMlkem(systemEntropy);
    const { ciphertext, sharedSecret } = systemEntropy.encapsulate(importMlkem(pair.publicKey));
    expect(ciphertext).toHaveLength(1088);
    expect(hex(decapsulate(pair.privateKey, ciphertext))).toBe(hex(sharedSecret));
  });
});
