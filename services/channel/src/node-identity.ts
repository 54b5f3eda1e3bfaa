import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exactly, isZero } from './bytes.ts';
import type { Entropy } from './entropy.ts';
import { idBytes } from './ids.ts';
import { erase } from './keys.ts';

const seedBytes = 32;
const keyBytes = 32;

/** Who a node is; made once and kept (PROTOCOL.md, Parties and keys). */
export interface NodeIdentity {
  /** 16 bytes, not all zero. */
  id: Uint8Array;
  /** Ed25519. */
  privateKey: KeyObject;
  /** Its public half, 32 bytes. */
  publicKey: Uint8Array;
  /** 32 bytes, all zero where the hop is not CURVE. */
  curvePublicKey: Uint8Array;
}

/** What is kept on disk, with mode 0600: 16 and 32 bytes. */
export interface IdentitySecrets {
  id: Uint8Array;
  /** The Ed25519 private key of RFC 8032 §5.1.5. */
  seed: Uint8Array;
}

export function newIdentitySecrets(entropy: Entropy): IdentitySecrets {
  return { id: entropy.bytes(idBytes), seed: entropy.bytes(seedBytes) };
}

/**
 * @param secrets belong to the caller; erase them afterwards
 * @throws Error where a length is wrong, or the id is all zero
 */
export function nodeIdentity(secrets: IdentitySecrets, curvePublicKey: Uint8Array): NodeIdentity {
  const id = Uint8Array.from(exactly(idBytes, secrets.id, 'node id'));
  if (isZero(id)) throw new Error('node id: expected one that is not all zero');
  const seed = Buffer.from(exactly(seedBytes, secrets.seed, 'identity seed'));
  const privateKey = createPrivateKey({ key: seed, format: 'raw-private', asymmetricKeyType: 'ed25519' });
  erase(seed);
  const publicKey = createPublicKey(privateKey).export({ format: 'raw-public' });
  return { id, privateKey, publicKey, curvePublicKey: exactly(keyBytes, curvePublicKey, 'CURVE public key') };
}
