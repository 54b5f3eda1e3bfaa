import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signingForNodes, signingKey, signingPublic } from './files.ts';
import { Complaint } from './findings.ts';
import type { PairKind } from './key-pair.ts';
import { privatePem, publicPem, readPrivatePem, readPublicPem, spkiOf } from './pem.ts';

const rawPublicLength = 32;

/** The Ed25519 pair that is the master's identity. */
export const signingPair: PairKind = {
  privateFile: signingKey,
  publicFile: signingPublic,
  nodesFile: signingForNodes,
  make: () => privatePem(generateKeyPairSync('ed25519').privateKey),
  publicOf(bytes) {
    return spkiOf(ed25519(readPrivatePem(bytes), 'Make another: openssl genpkey -algorithm ed25519 -out FILE'));
  },
  readPublic(bytes) {
    return spkiOf(ed25519(readPublicPem(bytes), 'Delete it; init writes it anew.'));
  },
  writePublic: publicPem,
};

/** The 32 bytes of the key itself, which end its SubjectPublicKeyInfo (RFC 8410). */
export function rawSigningKey(spki: Buffer): Buffer {
  return spki.subarray(-rawPublicLength);
}

function ed25519(key: KeyObject, remedy: string): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Complaint(`holds a key of the kind ${key.asymmetricKeyType}; it has to be Ed25519.`, remedy);
  return key;
}
