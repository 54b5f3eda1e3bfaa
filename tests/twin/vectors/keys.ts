// key-schedule.json, topics.json and aad.json.
import { fromHex, zero } from '../bytes.ts';
import { aadBytes, directions, everyone, kinds, type Metadata, metadataBytes, type Route } from '../envelope.ts';
import {
  epochKeys,
  helloKeys,
  hopProofOf,
  joinKeys,
  masterFingerprint,
  masterId,
  prk,
  prk0,
  transcript1,
  transcript2,
} from '../key-schedule.ts';
import { mlkemDecapsulate, sha256, x25519Shared } from '../primitives.ts';
import { spki } from '../rsa.ts';
import { downRoute, upRoute } from '../session.ts';
import { inJson, type VectorFile } from './file.ts';
import * as world from './world.ts';
import { draw } from './world.ts';

/** The label of a key becomes its name: wrap, wrapKey. Topics and ids are called that already. */
function keysOf(derived: object): object {
  return Object.fromEntries(
    Object.entries(derived).map(([name, key]) => [/(topic|id)$/i.test(name) ? name : `${name}Key`, key]),
  );
}

function fullJoin(): unknown {
  const { helloChance, offerChance, nodeX25519Secret, helloFields, nodeMlkem, offer } = world;
  const x25519 = x25519Shared(nodeX25519Secret, offer.frame.slice(4, 36));
  const { hopSecret, hopKey } = world.hops.curve;
  return {
    name: 'the join that all other vectors are of',
    signingPublicKey: world.signing,
    masterFingerprint: world.fingerprint,
    masterId: world.ids.masterId,
    rsaPublicKeySpki: spki(world.rsa),
    rsaHash: sha256(spki(world.rsa)),
    K0: helloChance.K0,
    helloFrame: world.hello,
    offerFrame: offer.frame,
    x25519PrivateOfTheNode: nodeX25519Secret,
    x25519OfTheNode: helloFields.x25519,
    x25519PrivateOfTheMaster: offerChance.x25519Secret,
    x25519OfTheMaster: offer.frame.slice(4, 36),
    x25519SharedSecret: x25519,
    mlkemSeed: world.nodeMlkemSeed,
    mlkemEncapsulationKey: nodeMlkem.encapsulationKey,
    mlkemRandomness: offerChance.mlkemRandomness,
    mlkemCiphertext: offer.mlkemCiphertext,
    mlkemSharedSecret: mlkemDecapsulate(nodeMlkem.decapsulationKey, offer.mlkemCiphertext),
    hopSecret,
    hopKey,
    hopSharedSecret: x25519Shared(hopSecret, offer.frame.slice(4, 36)),
    PRK0: world.PRK0,
    ...keysOf(world.fromPrk0),
    h1: world.h1,
    h2: offer.h2,
    PRK: offer.PRK,
    ...keysOf(offer.keys),
    hopProof: world.confirmBody.slice(32),
  };
}

/** The same steps from secrets that are given at once, and that need no curve or lattice. */
function stepsAlone(name: string, secret: (label: string, length: number) => Uint8Array): unknown {
  const signingPublicKey = secret('signing public key', 32);
  const fingerprint = masterFingerprint(signingPublicKey);
  const rsaPublicKeySpki = spki(world.otherRsa);
  const [K0, hello, offer] = [secret('K0', 32), secret('HELLO', 1698), secret('OFFER', 1225)];
  const [x25519SharedSecret, mlkemSharedSecret] = [secret('X25519', 32), secret('ML-KEM', 32)];
  const hopSharedSecret = secret('X25519 of the hop key', 32);
  const PRK0 = prk0(fingerprint, K0);
  const h1 = transcript1(fingerprint, rsaPublicKeySpki, hello);
  const h2 = transcript2(h1, offer);
  const PRK = prk(h2, K0, x25519SharedSecret, mlkemSharedSecret);
  return {
    name,
    signingPublicKey,
    masterFingerprint: fingerprint,
    masterId: masterId(signingPublicKey),
    rsaPublicKeySpki,
    rsaHash: sha256(rsaPublicKeySpki),
    K0,
    helloFrame: hello,
    offerFrame: offer,
    x25519SharedSecret,
    mlkemSharedSecret,
    hopSharedSecret,
    PRK0,
    ...keysOf(helloKeys(PRK0)),
    h1,
    h2,
    PRK,
    ...keysOf(joinKeys(PRK)),
    hopProof: hopProofOf(h2, hopSharedSecret),
  };
}

export function keyScheduleFile(): VectorFile {
  return {
    about:
      'The key schedule (PROTOCOL.md, Key schedule). Derived keys are named after their labels: wrapKey is ' +
      '"wrap", joinTopic "join topic", epochId "epoch id". The second to fourth join have no curves behind their secrets.',
    joins: [
      fullJoin(),
      stepsAlone('any bytes', (label, length) => draw(`key schedule, ${label}`, length)),
      stepsAlone('zeros', (_, length) => zero(length)),
      stepsAlone('ones', (_, length) => new Uint8Array(length).fill(0xff)),
    ].map(inJson),
    epochs: [draw('epoch key 7', 32), zero(32), new Uint8Array(32).fill(0xff)]
      .map((epochKey) => ({ epochKey, ...keysOf(epochKeys(epochKey)) }))
      .map(inJson),
  };
}

export function topicsFile(): VectorFile {
  const epochKey = draw('epoch key 7', 32);
  return {
    about:
      'Topics (PROTOCOL.md, Sockets, Key schedule): 16 bytes, from the secret that each belongs to. They are compared ' +
      'whole: a topic that begins alike is another one.',
    topics: [
      {
        name: 'where OFFER, WELCOME and REFUSAL of a join are published',
        masterFingerprint: world.fingerprint,
        K0: world.helloChance.K0,
        joinTopic: world.fromPrk0.joinTopic,
      },
      { name: "where a session's messages are published", PRK: world.offer.PRK, topic: world.offer.keys.topic },
      { name: 'where broadcasts of an epoch are published', epochKey, epochTopic: epochKeys(epochKey).epochTopic },
    ].map(inJson),
  };
}

function vector(name: string, metadata: Metadata, route: Route) {
  const bytes = metadataBytes(metadata);
  return { name, ...metadata, ...route, metadata: bytes, aad: aadBytes(bytes, route) };
}

export function aadFile(): VectorFile {
  const nonce = draw('nonce of the AAD vectors', 12);
  const { ids } = world;
  const group: Route = { direction: directions.group, sender: ids.masterId, target: everyone, epoch: 7n };
  const { epochId } = epochKeys(draw('epoch key 7', 32));
  const { keyId } = world;
  const distinct = {
    metadata: {
      kind: 0x12,
      keyId: fromHex('4041424344454647'),
      sequence: 0x0011525354555657n,
      nonce: fromHex('606162636465666768696a6b'),
    },
    route: {
      direction: directions.up,
      sender: fromHex('808182838485868788898a8b8c8d8e8f'),
      target: fromHex('909192939495969798999a9b9c9d9e9f'),
      epoch: 0x0012a2a3a4a5a6a7n,
    },
  };
  return {
    about:
      'Metadata and AAD of an envelope (PROTOCOL.md, The envelope): version 1, suite 1 and flags 0 with these fields. ' +
      'sequence and epoch are decimal; sender and target are ids.',
    aad: [
      vector('REPORT, up', { kind: kinds.REPORT, keyId, sequence: 1n, nonce }, upRoute(ids)),
      vector('ACK, down', { kind: kinds.ACK, keyId, sequence: 258n, nonce }, downRoute(ids)),
      vector('CONFIRM, up', { kind: kinds.CONFIRM, keyId, sequence: 1n, nonce }, upRoute(ids)),
      vector('WELCOME, down', { kind: kinds.WELCOME, keyId, sequence: 1n, nonce }, downRoute(ids)),
      vector('BROADCAST, group', { kind: kinds.BROADCAST, keyId: epochId, sequence: 42n, nonce }, group),
      vector(
        'BROADCAST with the highest number and epoch',
        { kind: kinds.BROADCAST, keyId: epochId, sequence: 2n ** 53n - 1n, nonce },
        { ...group, epoch: 2n ** 53n - 1n },
      ),
      vector('a byte of its own for every place', distinct.metadata, distinct.route),
    ].map(inJson),
  };
}
