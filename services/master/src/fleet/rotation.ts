// A node's new identity (PROTOCOL.md, Sessions): checked, and on disk before it is answered.
import { Refusal } from '@sealcast/channel/errors';
import type { Rotate } from '@sealcast/channel/payloads';
import { verifyRotate } from '@sealcast/channel/rotate';
import type { Store } from '../store/store.ts';
import { fromHex, toHex } from './hex.ts';

// Each is written to the disk at once: who sends one after the other must not keep it busy.
const leastMs = 1000;

// A node that took up the order just before it expired may say so late.
const lateMs = 86_400_000;

/**
 * `node` is in the roster, and `alone` says that no other instance of it may be running. Who has the identity alone must not shut
 * out who else has it: a new one is taken where a person has ordered it, and the node has not said how that ended. True where the identity is new, and written down now; false where the node has it already.
 * Throws Refusal.
 */
export function takeIdentity(
  store: Store,
  node: string,
  rotate: Rotate,
  fingerprint: Uint8Array,
  alone: boolean,
  nowMs: number,
): boolean {
  const entry = store.roster.find(node);
  if (entry === undefined) throw new Error('a node that is not in the roster can have no new identity');
  const known = { id: fromHex(node), identity: fromHex(entry.identity) };
  if (!verifyRotate(rotate, known, fingerprint)) return false;
  if (!alone || !store.commands.awaitsRotation(node, nowMs - lateMs)) throw new Refusal('join.identity');
  if (entry.rotatedAt !== null && nowMs - entry.rotatedAt < leastMs) throw new Refusal('rate.exceeded');
  const identity = toHex(rotate.identity);
  if (store.roster.findByIdentity(identity) !== undefined) throw new Refusal('join.identity');
  store.roster.setIdentity(node, identity, nowMs);
  return true;
}
