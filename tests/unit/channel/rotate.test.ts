import { expect, test } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import { fingerprint } from '@sealcast/channel/master-keys';
import { newIdentitySecrets, nodeIdentity, type NodeIdentity } from '@sealcast/channel/node-identity';
import { makeRotate, verifyRotate } from '@sealcast/channel/rotate';
import { hex, joinFully, masterKeys, newDoor, newNode, refusalOf } from './parties.ts';

const print = fingerprint(masterKeys.signingPublic);

/** The same node with another identity. */
function nextOf({ id, hopSecret, instance }: NodeIdentity): NodeIdentity {
  return nodeIdentity({ ...newIdentitySecrets(systemEntropy), id }, hopSecret, instance);
}

test('a node takes another identity in its session, and joins with it from then on', () => {
  const door = newDoor();
  const { node, master, identity } = joinFully(door);
  const next = nextOf(identity);
  const message = master.open(node.seal({ kind: 'rotate', body: makeRotate(identity, next, print) }));
  if (message.kind !== 'rotate') throw new Error(message.kind);
  expect(verifyRotate(message.body, { id: identity.id, identity: identity.publicKey }, print)).toBe(true);
  door.book.roster.set(hex(identity.id), hex(message.body.identity));
  expect(node.open(master.seal({ kind: 'rotated', body: { identity: message.body.identity } }))).toEqual({
    kind: 'rotated',
    body: { identity: Uint8Array.from(next.publicKey) },
  });
  expect(verifyRotate(message.body, { id: identity.id, identity: next.publicKey }, print)).toBe(false);
  expect(joinFully(door, next).master.nodeId).toEqual(identity.id);
  expect(() => joinFully(door, identity)).toThrow('expected an offer, got refused');
});

test('a ROTATE that was recorded does not bring an older identity back', () => {
  const first = newNode();
  const second = nextOf(first);
  const recorded = makeRotate(first, second, print);
  const third = nextOf(first);
  const node = { id: first.id, identity: third.publicKey };
  expect(refusalOf(() => verifyRotate(recorded, node, print))).toBe('signature.rotate');
});

test('two nodes, or one identity, are a wrong call', () => {
  const identity = newNode();
  expect(() => makeRotate(identity, newNode(), print)).toThrow(/of one node id/);
  expect(() => makeRotate(identity, identity, print)).toThrow(/another identity/);
});
