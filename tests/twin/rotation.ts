// PROTOCOL.md, A new identity.
import { join, same, tagged } from './bytes.ts';
import { ed25519Public, ed25519Sign, ed25519Verify } from './primitives.ts';
import { refuseUnless } from './refused.ts';
import type { Body } from './schemas.ts';

/** What both signatures are over. */
export function rotateSigned(
  fingerprint: Uint8Array,
  nodeId: Uint8Array,
  oldIdentity: Uint8Array,
  newIdentity: Uint8Array,
): Uint8Array {
  return join(tagged('sealcast/1 rotate'), fingerprint, nodeId, oldIdentity, newIdentity);
}

export function makeRotate(
  fingerprint: Uint8Array,
  nodeId: Uint8Array,
  oldSeed: Uint8Array,
  newSeed: Uint8Array,
): Body {
  const [old, identity] = [ed25519Public(oldSeed), ed25519Public(newSeed)];
  const signed = rotateSigned(fingerprint, nodeId, old, identity);
  return { identity, old: ed25519Sign(oldSeed, signed), new: ed25519Sign(newSeed, signed) };
}

/** @returns whether the identity is another one than the roster's */
export function checkRotate(
  fingerprint: Uint8Array,
  node: { nodeId: Uint8Array; identity: Uint8Array },
  rotate: Record<'identity' | 'old' | 'new', Uint8Array>,
): boolean {
  if (same(rotate.identity, node.identity)) return false;
  const signed = rotateSigned(fingerprint, node.nodeId, node.identity, rotate.identity);
  refuseUnless(ed25519Verify(node.identity, rotate.old, signed), 'signature.rotate');
  refuseUnless(ed25519Verify(rotate.identity, rotate.new, signed), 'signature.rotate');
  return true;
}
