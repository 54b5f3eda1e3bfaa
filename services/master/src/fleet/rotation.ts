// A node's new identity (PROTOCOL.md, Sessions): checked, and on disk before it is answered.
import { Refusal } from '@sealcast/channel/errors';
import type { Rotate } from '@sealcast/channel/payloads';
import { verifyRotate } from '@sealcast/channel/rotate';
import type { Store } from '../store/store.ts';
import { fromHex, toHex } from './hex.ts';

// Each is written to the disk at once: who sends one after the other must not keep it busy.
const leastMs = 1000;

/**
 * `node` is in the roster. True where the identity is new, and written down now; false where the node has it already.
 * Throws Refusal.
 */
export function takeIdentity(
  store: Store,
  node: string,
  rotate: Rotate,
  fingerprint: Uint8Array,
  nowMs: number,
): boolean {
  const entry = store.roster.find(node);
  if (entry === undefined) throw new Error('a node that is not in the roster can have no new identity');
  const known = { id: fromHex(node), identity: fromHex(entry.identity) };
  if (!verifyRotate(rotate, known, fingerprint)) return false;
  if (entry.rotatedAt !== null && nowMs - entry.rotatedAt < leastMs) throw new Refusal('rate.exceeded');
  const identity = toHex(rotate.identity);
  if (store.roster.findByIdentity(identity) !== undefined) throw new Refusal('join.identity');
  store.roster.setIdentity(node, identity, nowMs);
  return true;
}
