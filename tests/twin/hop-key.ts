// PROTOCOL.md, Mechanisms and CONFIRM: hop keys, and what proves them.
import { same, zero } from './bytes.ts';
import { hopProofOf } from './key-schedule.ts';
import { sha256, x25519Public, x25519Shared } from './primitives.ts';
import { refuse } from './refused.ts';

export type Mechanism = 'curve' | 'plain' | 'null';

/** @param hopSecret all zero where the mechanism is NULL */
export function hopKeyOf(mechanism: Mechanism, hopSecret: Uint8Array): Uint8Array {
  if (mechanism === 'curve') return x25519Public(hopSecret);
  return mechanism === 'plain' ? sha256(hopSecret) : zero(32);
}

/** @param offered the ephemeral X25519 public key of OFFER */
export function hopProof(mechanism: Mechanism, hopSecret: Uint8Array, offered: Uint8Array, h2: Uint8Array): Uint8Array {
  if (mechanism !== 'curve') return hopSecret;
  return hopProofOf(h2, x25519Shared(hopSecret, offered) ?? refuse('join.key'));
}

/** Whether there can be a proof of it. That X25519 gives zero does not depend on the other secret. */
export function canBeProven(mechanism: Mechanism, hopKey: Uint8Array): boolean {
  if (mechanism === 'curve') return x25519Shared(new Uint8Array(32).fill(1), hopKey) !== undefined;
  return mechanism === 'plain' || same(hopKey, zero(32));
}

/** @param x25519Secret of the ephemeral key in OFFER */
export function isProven(
  mechanism: Mechanism,
  hopKey: Uint8Array,
  x25519Secret: Uint8Array,
  h2: Uint8Array,
  proof: Uint8Array,
): boolean {
  if (mechanism === 'plain') return same(sha256(proof), hopKey);
  if (mechanism === 'null') return same(proof, zero(32));
  const shared = x25519Shared(x25519Secret, hopKey);
  return shared !== undefined && same(proof, hopProofOf(h2, shared));
}
