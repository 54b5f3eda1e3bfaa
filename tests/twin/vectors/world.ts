// The parties of all vectors, and the one join whose keys the session's vectors use.
import { join, u8 } from '../bytes.ts';
import { encode } from '../cbor.ts';
import { chanceFrom } from '../chance.ts';
import { type Metadata, kinds, metadataBytes, sealEnvelope } from '../envelope.ts';
import { type HelloFields, makeHello } from '../hello.ts';
import { helloKeys, masterFingerprint, masterId, prk0, transcript1 } from '../key-schedule.ts';
import { makeOffer } from '../offer.ts';
import { hopKeyOf, hopProof, type Mechanism } from '../hop-key.ts';
import { ed25519Public, mlkemKeys, sha256, x25519Public } from '../primitives.ts';
import { pkcs8, rsaFromPrimes, spki } from '../rsa.ts';
import { downRoute, upRoute } from '../session.ts';
import { rsaPrimes } from './rsa-primes.ts';

export const draw = chanceFrom('sealcast vectors');

export const rsa = rsaFromPrimes(...rsaPrimes[0]);
export const otherRsa = rsaFromPrimes(...rsaPrimes[1]);
/** What the master had before. */
export const olderRsa = rsaFromPrimes(...rsaPrimes[2]);

export const signingSeed = draw('signing key', 32);
export const signing = ed25519Public(signingSeed);
export const otherSigningSeed = draw('another signing key', 32);
export const fingerprint = masterFingerprint(signing);

export const nodeId = draw('node id', 16);
export const identitySeed = draw('identity', 32);
const identity = ed25519Public(identitySeed);
/** What a node has of each mechanism, and the hop key that it is. */
export const hops = Object.fromEntries(
  (['curve', 'plain', 'null'] as const).map((mechanism) => {
    const hopSecret = mechanism === 'null' ? new Uint8Array(32) : draw(`hop secret under ${mechanism}`, 32);
    return [mechanism, { mechanism, hopSecret, hopKey: hopKeyOf(mechanism, hopSecret) }];
  }),
) as Record<Mechanism, { mechanism: Mechanism; hopSecret: Uint8Array; hopKey: Uint8Array }>;
const instance = draw('instance of the node', 16);
export const inviteCode = draw('invite code', 16);
export const ids = { nodeId, masterId: masterId(signing) };

export const pinned = { rsa, signing };

export const helloChance = {
  K0: draw('K0', 32),
  oaepSeed: draw('OAEP seed', 32),
  nonce: draw('HELLO nonce', 12),
};
export const nodeX25519Secret = draw('X25519 of the node', 32);
export const nodeMlkemSeed = draw('ML-KEM of the node', 64);
export const nodeMlkem = mlkemKeys(nodeMlkemSeed);
export const helloFields: HelloFields = {
  nodeVersion: 1,
  nodeId,
  identity,
  instance,
  random: draw('HELLO random', 32),
  x25519: x25519Public(nodeX25519Secret),
  mlkem: nodeMlkem.encapsulationKey,
  hopKey: hops.curve.hopKey,
  inviteCode,
};
export const hello = helloUnder('curve');
export const PRK0 = prk0(fingerprint, helloChance.K0);
export const fromPrk0 = helloKeys(PRK0);
export const h1 = transcript1(fingerprint, spki(rsa), hello);

export const offerChance = {
  x25519Secret: draw('X25519 of the master', 32),
  mlkemRandomness: draw('ML-KEM randomness of the master', 32),
  keyId: draw('session key id', 8),
  nonce: draw('OFFER nonce', 12),
};
export const { keyId } = offerChance;
export const offer = offerTo(h1);

export const confirmMetadata: Metadata = {
  kind: kinds.CONFIRM,
  keyId,
  sequence: 1n,
  nonce: draw('CONFIRM nonce', 12),
};
export const confirmBody = confirmBodyUnder('curve', offer.h2);
export const confirm = sealEnvelope(
  offer.keys.confirm,
  metadataBytes(confirmMetadata),
  upRoute(ids),
  join(u8(kinds.CONFIRM), confirmBody),
);

export const welcomeMetadata: Metadata = {
  kind: kinds.WELCOME,
  keyId,
  sequence: 1n,
  nonce: draw('WELCOME nonce', 12),
};
export const welcomeBody = {
  epoch: 7,
  key: draw('epoch key 7', 32),
  head: 41,
  through: 0,
  time: 1_800_000_000_000,
  interval: 5,
};
export const welcome = sealEnvelope(
  offer.keys.wrap,
  metadataBytes(welcomeMetadata),
  downRoute(ids),
  join(u8(kinds.WELCOME), encode(welcomeBody)),
);

/** The same HELLO of a node with another mechanism. */
export function helloUnder(mechanism: Mechanism): Uint8Array {
  return makeHello(pinned, identitySeed, { ...helloFields, hopKey: hops[mechanism].hopKey }, helloChance);
}

/** The OFFER to a HELLO of the node. */
export function offerTo(transcript: Uint8Array) {
  const { x25519, mlkem } = helloFields;
  return makeOffer(signingSeed, { h1: transcript, K0: helloChance.K0, x25519, mlkem }, offerChance);
}

export function confirmBodyUnder(mechanism: Mechanism, h2: Uint8Array): Uint8Array {
  return join(h2, hopProof(mechanism, hops[mechanism].hopSecret, x25519Public(offerChance.x25519Secret), h2));
}

/** What a vector says of the master, under the names of PROTOCOL.md. */
export const givenMaster = {
  rsaPrivateKeyPkcs8: pkcs8(rsa),
  rsaPublicKeySpki: spki(rsa),
  olderRsaPrivateKeyPkcs8: pkcs8(olderRsa),
  olderRsaPublicKeySpki: spki(olderRsa),
  signingSeed,
  signingPublicKey: signing,
  mechanism: 'curve',
  masterFingerprint: fingerprint,
  masterId: ids.masterId,
};

/** What a master knows when the vectors of HELLO reach it. */
export const knownNode = {
  nodeId: draw('id of a known node', 16),
  identitySeed: draw('identity of a known node', 32),
};
export const removedNode = {
  nodeId: draw('id of a removed node', 16),
  identitySeed: draw('identity of a removed node', 32),
};
/** Two machines run with its identity. */
export const clonedNode = {
  nodeId: draw('id of a cloned node', 16),
  identitySeed: draw('identity of a cloned node', 32),
  stays: draw('instance that stays', 16),
};
export const spentCode = draw('spent invite code', 16);
export const expiredCode = draw('expired invite code', 16);
export const givenRoster = {
  nodes: [
    { nodeId: knownNode.nodeId, identity: ed25519Public(knownNode.identitySeed), removed: false },
    { nodeId: removedNode.nodeId, identity: ed25519Public(removedNode.identitySeed), removed: true },
    {
      nodeId: clonedNode.nodeId,
      identity: ed25519Public(clonedNode.identitySeed),
      removed: false,
      stays: clonedNode.stays,
    },
  ],
  invites: [
    { inviteHash: sha256(inviteCode), state: 'open' },
    { inviteHash: sha256(spentCode), state: 'spent' },
    { inviteHash: sha256(expiredCode), state: 'expired' },
  ],
};

/** All bytes of the join, for the files that need a master with this join pending or a node that waits for its answer. */
export const givenNode = {
  nodeId,
  identitySeed,
  identity,
  ...hops.curve,
  instance,
  inviteCode,
  ...helloChance,
  random: helloFields.random,
  x25519Private: nodeX25519Secret,
  mlkemSeed: nodeMlkemSeed,
};

export const masterChance = {
  x25519Private: offerChance.x25519Secret,
  mlkemRandomness: offerChance.mlkemRandomness,
  keyId,
  offerNonce: offerChance.nonce,
};
