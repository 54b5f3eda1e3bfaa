import type { KeyObject } from 'node:crypto';
import { idBytes } from './ids.ts';
import { sha256 } from './keys.ts';

/** What opens a HELLO. */
export interface TransportKey {
  /** RSA-2048, e = 65537. */
  rsaPrivate: KeyObject;
  /** Its public half: SubjectPublicKeyInfo, DER. */
  rsaSpki: Uint8Array;
}

/** What a master proves itself by (PROTOCOL.md, Parties and keys). */
export interface MasterKeys {
  /** Newest first: while the key is being changed, there are several. */
  rsa: readonly [TransportKey, ...TransportKey[]];
  /** Ed25519. */
  signingPrivate: KeyObject;
  /** Its public half, 32 bytes. */
  signingPublic: Uint8Array;
}

/** @returns 32 bytes */
export function fingerprint(signingPublic: Uint8Array): Uint8Array {
  return sha256('sealcast/1 master', signingPublic);
}

/** @returns 16 bytes */
export function masterId(signingPublic: Uint8Array): Uint8Array {
  return fingerprint(signingPublic).subarray(0, idBytes);
}
