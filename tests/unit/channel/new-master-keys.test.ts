import { createPublicKey } from 'node:crypto';
import { isTransportKey } from '@sealcast/channel/invite';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import { expect, test } from 'vitest';

test('a new master has an RSA pair that an invite may pin and an Ed25519 pair, and no other master has them', () => {
  const [one, other] = [newMasterKeys(), newMasterKeys()];
  const [{ rsaPrivate, rsaSpki }] = one.rsa;
  expect(isTransportKey(rsaSpki)).toBe(true);
  expect(createPublicKey(rsaPrivate).export({ type: 'spki', format: 'der' })).toEqual(rsaSpki);
  expect(one.signingPrivate.asymmetricKeyType).toBe('ed25519');
  expect(createPublicKey(one.signingPrivate).export({ format: 'raw-public' })).toEqual(one.signingPublic);
  expect(one.signingPublic).toHaveLength(32);
  expect(rsaSpki).not.toEqual(other.rsa[0].rsaSpki);
  expect(one.signingPublic).not.toEqual(other.signingPublic);
});
