import { sameBytes } from './bytes.ts';
import { Refusal } from './errors.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { Rotate } from './payloads.ts';
import { signParts, verifyParts } from './signature.ts';

// PROTOCOL.md, A new identity. Both identities sign
//
//     "sealcast/1 rotate" ‖ 0x00 ‖ master fingerprint ‖ node id ‖ old identity (32) ‖ new identity (32)

/**
 * @param masterFingerprint 32 bytes
 * @throws Error where the two are not of one node, or are the same
 */
export function makeRotate(
  oldIdentity: NodeIdentity,
  newIdentity: NodeIdentity,
  masterFingerprint: Uint8Array,
): Rotate {
  if (!sameBytes(oldIdentity.id, newIdentity.id)) throw new Error('rotate: expected two identities of one node id');
  if (sameBytes(oldIdentity.publicKey, newIdentity.publicKey)) throw new Error('rotate: expected another identity');
  const signed = [masterFingerprint, oldIdentity.id, oldIdentity.publicKey, newIdentity.publicKey];
  return {
    identity: Uint8Array.from(newIdentity.publicKey),
    old: Uint8Array.from(signParts(oldIdentity.privateKey, 'rotate', ...signed)),
    new: Uint8Array.from(signParts(newIdentity.privateKey, 'rotate', ...signed)),
  };
}

/** Whom a ROTATE came from, as the master's roster has it. */
export interface RotatingNode {
  /** 16 bytes. */
  id: Uint8Array;
  /** Ed25519, 32 bytes. */
  identity: Uint8Array;
}

/**
 * What the channel can say of a ROTATE. Whether another node has the new identity (`join.identity`) is the caller's to look up.
 * @param rotate as it was opened in the session of that node
 * @param masterFingerprint 32 bytes
 * @returns whether the identity is another one than the roster's, and so to be written down before ROTATED is answered; false
 * where it is there already
 * @throws Refusal `signature.rotate`
 */
export function verifyRotate(rotate: Rotate, node: RotatingNode, masterFingerprint: Uint8Array): boolean {
  if (sameBytes(rotate.identity, node.identity)) return false;
  const signed = [masterFingerprint, node.id, node.identity, rotate.identity];
  const byBoth =
    verifyParts(node.identity, rotate.old, 'rotate', ...signed) &&
    verifyParts(rotate.identity, rotate.new, 'rotate', ...signed);
  if (!byBoth) throw new Refusal('signature.rotate');
  return true;
}
