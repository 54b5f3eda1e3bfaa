// What init made, read once at the start. Every fault is found before any is told.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MasterKeys, TransportKey } from '@sealcast/channel/master-keys';
import { curveKeyOf, isCurvePair } from '@sealcast/hop/curve-pair';
import { StartError } from '@sealcast/runtime/run';

export interface KeyRing {
  master: MasterKeys;
  /** Z85. */
  curve: { publicKey: string; secretKey: string };
}

/**
 * The newest RSA key is `transport.pem`, or where `transportPem` says; older ones, which are still taken, are
 * `transport-old-<n>.pem`, the one with the highest number the newest of them. Throws StartError with every fault at once.
 */
export function readKeys(folder: string, transportPem?: string): KeyRing {
  const faults: string[] = [];
  const attempt = <T>(file: string, read: (text: string) => T): T | undefined => {
    try {
      return read(readPrivateFile(file));
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const publicFile = join(folder, 'transport.pub');
  const newest = attempt(transportPem ?? join(folder, 'transport.pem'), (pem) => isPairOf(rsaKey(pem), publicFile));
  const older = olderFiles(folder).flatMap((file) => attempt(file, rsaKey) ?? []);
  const signingPrivate = attempt(join(folder, 'signing.pem'), signingKey);
  const secretKey = attempt(join(folder, 'curve.key'), curveKey);
  const publicKey = attempt(join(folder, 'curve.pub'), curveKey);
  if (secretKey && publicKey && !isCurvePair({ publicKey, secretKey }))
    faults.push(`${join(folder, 'curve.pub')}: is not the public half of ${join(folder, 'curve.key')}`);
  const isWhole = newest && signingPrivate && secretKey && publicKey && faults.length === 0;
  if (!isWhole) throw new StartError([...faults, 'run init, which makes what is missing'].join('\n'));
  const signingPublic = rawPublicKey(signingPrivate);
  const rsa = [transportKey(newest), ...older.map(transportKey)] as const;
  return { master: { rsa, signingPrivate, signingPublic }, curve: { publicKey, secretKey } };
}

/** Newest first. */
function olderFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const numbered = names.map((name) => ({
    name,
    number: Number(/^transport-old-([1-9]\d{0,5})\.pem$/.exec(name)?.[1]),
  }));
  return numbered
    .filter(({ number }) => !Number.isNaN(number))
    .toSorted((a, b) => b.number - a.number)
    .map(({ name }) => join(folder, name));
}

function transportKey(rsaPrivate: KeyObject): TransportKey {
  return { rsaPrivate, rsaSpki: createPublicKey(rsaPrivate).export({ type: 'spki', format: 'der' }) };
}

function readPrivateFile(file: string): string {
  const { mode } = statSync(file);
  if ((mode & 0o077) !== 0)
    throw new Error(`others can read it (mode ${(mode & 0o777).toString(8)}); chmod 600, or run init, which mends it`);
  return readFileSync(file, 'utf8');
}

function rsaKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa' || modulusLength !== 2048 || publicExponent !== 65537n)
    throw new Error('is not an RSA key of 2048 bits with the exponent 65537');
  return key;
}

// The first invites pin the public half that init wrote down.
function isPairOf(privateKey: KeyObject, publicFile: string): KeyObject {
  if (existsSync(publicFile) && !createPublicKey(readFileSync(publicFile)).equals(createPublicKey(privateKey)))
    throw new Error(`is not the private half of ${publicFile}, which init put into the invites`);
  return privateKey;
}

function signingKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('is not an Ed25519 key');
  return key;
}

function curveKey(text: string): string {
  const key = text.trim();
  curveKeyOf(key);
  return key;
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
}
