// Keys as openssl and others write them: PKCS#8, PKCS#1, SEC 1; SubjectPublicKeyInfo or PKCS#1.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Complaint } from './findings.ts';

/** Throws Complaint where the bytes hold no private key that can be read without a pass phrase. */
export function readPrivatePem(bytes: Buffer): KeyObject {
  const text = bytes.toString('latin1');
  if (/ENCRYPTED/.test(text))
    throw new Complaint(
      'is locked with a pass phrase, and nobody can type it when the master starts.',
      'Unlock it: openssl pkey -in FILE -out NEW, and use NEW in its place.',
    );
  if (!/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(text))
    throw new Complaint(
      'holds no private key in PEM form.',
      'Put the right file there; or move this one and its public half away, and init makes a new pair.',
    );
  try {
    return createPrivateKey(bytes);
  } catch (error) {
    throw new Complaint('is damaged: its private key cannot be read.', 'Put a good copy there.', { cause: error });
  }
}

/** Throws Complaint where the bytes hold anything but a public key. */
export function readPublicPem(bytes: Buffer): KeyObject {
  const text = bytes.toString('latin1');
  // Node would derive the public key; but then a private one would lie where people look for a public one.
  if (text.includes('PRIVATE KEY'))
    throw new Complaint('holds a private key where the public one belongs.', 'Delete it; init writes it anew.');
  if (!/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text))
    throw new Complaint('holds no public key in PEM form.', 'Delete it; init writes it anew.');
  try {
    return createPublicKey(bytes);
  } catch (error) {
    throw new Complaint('is damaged: its public key cannot be read.', 'Delete it; init writes it anew.', {
      cause: error,
    });
  }
}

/** SubjectPublicKeyInfo, DER. Of a private key, its public half. */
export function spkiOf(key: KeyObject): Buffer {
  const shown = key.type === 'private' ? createPublicKey(key) : key;
  return shown.export({ type: 'spki', format: 'der' });
}

export function publicPem(spki: Buffer): Buffer {
  const key = createPublicKey({ key: spki, type: 'spki', format: 'der' });
  return Buffer.from(key.export({ type: 'spki', format: 'pem' }));
}

export function privatePem(key: KeyObject): Buffer {
  return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
}
