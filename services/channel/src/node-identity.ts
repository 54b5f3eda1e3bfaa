import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exactly, isZero } from './bytes.ts';
import type { Entropy } from './entropy.ts';
import { type HopSecret, hopKeyOf } from './hop-key.ts';
import { idBytes, instanceBytes } from './ids.ts';
import { erase } from './keys.ts';

const seedBytes = 32;

/** Who a node is; made once and kept (PROTOCOL.md, Parties and keys). */
export interface NodeIdentity {
  /** 16 bytes, not all zero. */
  id: Uint8Array;
  /** Ed25519. */
  privateKey: KeyObject;
  /** Its public half, 32 bytes. */
  publicKey: Uint8Array;
  /** What the hop knows the node by (PROTOCOL.md, Mechanisms): 32 bytes. */
  hopKey: Uint8Array;
  /** What proves that hop key to the master. */
  hopSecret: HopSecret;
  /** 16 random bytes, new with every start of the program and never written down. */
  instance: Uint8Array;
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
 * @param hopSecret kept as it is
 * @param instance 16 random bytes, the same for as long as the program runs
 * @throws Error where a length is wrong, or id or instance are all zero
 */
export function nodeIdentity(secrets: IdentitySecrets, hopSecret: HopSecret, instance: Uint8Array): NodeIdentity {
  const id = Uint8Array.from(exactly(idBytes, secrets.id, 'node id'));
  if (isZero(id)) throw new Error('node id: expected one that is not all zero');
  const seed = Buffer.from(exactly(seedBytes, secrets.seed, 'identity seed'));
  const privateKey = createPrivateKey({ key: seed, format: 'raw-private', asymmetricKeyType: 'ed25519' });
  erase(seed);
  const publicKey = createPublicKey(privateKey).export({ format: 'raw-public' });
  return {
    id,
    privateKey,
    publicKey,
    hopKey: hopKeyOf(hopSecret),
    hopSecret,
    instance: instanceOf(instance),
  };
}

function instanceOf(instance: Uint8Array): Uint8Array {
  if (isZero(exactly(instanceBytes, instance, 'instance'))) {
    throw new Error('instance: expected one that is not all zero');
  }
  return Uint8Array.from(instance);
}
