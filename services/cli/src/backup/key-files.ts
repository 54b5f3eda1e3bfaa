// The files of keys_dir, and whether they belong together.
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readKeys } from '@sealcast/master/keys';
import { BackupError } from './backup-error.ts';
import { keyFolder } from './manifest.ts';
import type { Place } from './place.ts';

const keyMax = 2 ** 20;
const usualName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

export interface KeyFile {
  /** In the backup: `keys/…`. */
  name: string;
  bytes: Buffer;
}

/** Every file of keys_dir. Throws BackupError where one can't be kept, StartError where a master would not start with them. */
export function readKeyFiles({ keys, transportPem }: Pick<Place, 'keys' | 'transportPem'>): KeyFile[] {
  checkKeys(keys, transportPem);
  const names = readdirSync(keys).filter((name) => !name.startsWith('.') && statSync(join(keys, name)).isFile());
  const files = names.toSorted().map((name) => {
    const path = join(keys, name);
    if (!usualName.test(name)) throw new BackupError(`${path} has a name that a backup has no room for; rename it`);
    if (statSync(path).size > keyMax) throw new BackupError(`${path} is too large for a key; move it away`);
    return { name: `${keyFolder}${name}`, bytes: readFileSync(path) };
  });
  if (transportPem === undefined) return files;
  const newest = { name: `${keyFolder}transport.pem`, bytes: readFileSync(transportPem) };
  return [...files.filter(({ name }) => name !== newest.name), newest];
}

/** Throws where a private key and its public half don't fit. Gives how many pairs there are. */
export function checkKeys(folder: string, transportPem?: string): number {
  const { master } = readKeys(folder, transportPem);
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path) : undefined;
  };
  const [signing, shown] = [read('signing.pem'), read('signing.pub')];
  if (signing !== undefined && shown !== undefined && !createPublicKey(shown).equals(createPublicKey(signing)))
    throw new BackupError(`${join(folder, 'signing.pub')} is not the public half of signing.pem beside it`);
  const [authority, certificate] = [read('tls-ca.key'), read('tls-ca.crt')];
  const hasAuthority = authority !== undefined && certificate !== undefined;
  if (hasAuthority && !new X509Certificate(certificate).checkPrivateKey(createPrivateKey(authority)))
    throw new BackupError(`${join(folder, 'tls-ca.crt')} does not belong to tls-ca.key beside it`);
  // RSA keys, signing, CURVE, the authority.
  return master.rsa.length + 2 + (hasAuthority ? 1 : 0);
}
