import { generateKeyPairSync } from 'node:crypto';
import type { MasterKeys } from './master-keys.ts';

/**
 * A new master. Drawn from the system, as `systemEntropy` is: an RSA pair can't be made of bytes that are given. Takes a
 * moment, and keeps nothing: init makes those of a fleet, in files.
 */
export function newMasterKeys(): MasterKeys {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signing = generateKeyPairSync('ed25519');
  return {
    rsa: [{ rsaPrivate: rsa.privateKey, rsaSpki: rsa.publicKey.export({ type: 'spki', format: 'der' }) }],
    signingPrivate: signing.privateKey,
    signingPublic: signing.publicKey.export({ format: 'raw-public' }),
  };
}
