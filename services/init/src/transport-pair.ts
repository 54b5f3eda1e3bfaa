import {
  constants,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { transportForNodes, transportKey, transportPublic } from './files.ts';
import { Complaint } from './findings.ts';
import type { PairKind } from './key-pair.ts';
import { privatePem, publicPem, readPrivatePem, readPublicPem, spkiOf } from './pem.ts';

const bits = 2048;
const exponent = 65537n;

/** The RSA pair under which the first key of a join travels. */
export const transportPair: PairKind = {
  privateFile: transportKey,
  publicFile: transportPublic,
  nodesFile: transportForNodes,
  make: () => privatePem(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey),
  publicOf(bytes) {
    const key = readPrivatePem(bytes);
    checkSize(key, 'Make another: openssl genrsa -out FILE 2048; or move this pair away, and init makes a new one.');
    checkWorks(key);
    return spkiOf(key);
  },
  readPublic(bytes) {
    const key = readPublicPem(bytes);
    checkSize(key, 'Delete it; init writes it anew.');
    return spkiOf(key);
  },
  writePublic: publicPem,
};

function checkSize(key: KeyObject, remedy: string): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== 'rsa') throw new Complaint(`holds a key of the kind ${type}; it has to be RSA.`, remedy);
  if (details?.modulusLength !== bits)
    throw new Complaint(`holds an RSA key of ${details?.modulusLength} bits; it has to be ${bits}.`, remedy);
  if (details.publicExponent !== exponent)
    throw new Complaint(
      `holds an RSA key with the exponent ${details.publicExponent}; it has to be ${exponent}.`,
      remedy,
    );
}

// A private key whose numbers don't fit one another still loads, and would fail at the first join.
function checkWorks(key: KeyObject): void {
  const sent = randomBytes(32);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  try {
    const opened = privateDecrypt(
      { key, padding, oaepHash: 'sha256' },
      publicEncrypt({ key, padding, oaepHash: 'sha256' }, sent),
    );
    if (opened.equals(sent)) return;
  } catch (error) {
    throw damaged({ cause: error });
  }
  throw damaged();
}

function damaged(options?: ErrorOptions): Complaint {
  return new Complaint(
    'is damaged: it does not open what its own public key seals.',
    'Put a good copy there.',
    options,
  );
}
