// hello.json.
import { flip, fromBigInt, fromHex, join, put, toBigInt, u8, zero } from '../bytes.ts';
import { kinds } from '../envelope.ts';
import {
  type HelloChance,
  type HelloFields,
  helloHead,
  helloSigned,
  helloUnsigned,
  makeHello,
  sealHelloFrame,
} from '../hello.ts';
import type { Mechanism } from '../hop-key.ts';
import { helloKeys, masterFingerprint, prk0, transcript1 } from '../key-schedule.ts';
import { ed25519Public, ed25519Sign, sha256 } from '../primitives.ts';
import { oaepEncrypt, rsaRaw, type RsaPublic, spki } from '../rsa.ts';
import { inJson, type VectorFile } from './file.ts';
import * as world from './world.ts';
import { draw } from './world.ts';

const about =
  'HELLO, as a master gets it (PROTOCOL.md, HELLO). given: the master with two RSA keys, its roster and its invites; of a node that ' +
  'is on two machines, stays is the one instance that is not held out. accepted: what a node ' +
  'draws and says, and the frame; joinTopic is where the answer is published. refused: each has one thing wrong, of which ' +
  'error is the code; a master has the mechanism of the vector where it names one; answered says whether the master answers with a REFUSAL, on joinTopic.';

const { hello, rsa, fingerprint, helloFields, knownNode, clonedNode } = world;
const { K0, oaepSeed } = world.helloChance;

/** A HELLO in its layers, each of which can be another than the sound one. */
interface Layers {
  fields?: Partial<HelloFields>;
  identitySeed?: Uint8Array;
  wrappedK0?: Uint8Array;
  innerKind?: number;
  /** what is signed instead */
  signed?: (head: Uint8Array, unsigned: Uint8Array) => Uint8Array;
  /** what becomes of the signature */
  signature?: (sound: Uint8Array) => Uint8Array;
  helloKey?: Uint8Array;
}

function layered(layers: Layers): Uint8Array {
  const head = helloHead(layers.wrappedK0 ?? oaepEncrypt(rsa, K0, oaepSeed), world.helloChance.nonce);
  const unsigned = helloUnsigned({ ...world.helloFields, ...layers.fields }, layers.innerKind);
  const signed = layers.signed?.(head, unsigned) ?? helloSigned(world.fingerprint, head, unsigned);
  const sound = ed25519Sign(layers.identitySeed ?? world.identitySeed, signed);
  const key = layers.helloKey ?? world.fromPrk0.hello;
  return sealHelloFrame(key, head, join(unsigned, layers.signature?.(sound) ?? sound));
}

function accepted(
  name: string,
  fields: Partial<HelloFields>,
  identitySeed: Uint8Array,
  chance: HelloChance,
  key: RsaPublic = rsa,
  mechanism: Mechanism = 'curve',
) {
  const hop = world.hops[mechanism];
  const all = { ...world.helloFields, hopKey: hop.hopKey, ...fields, identity: ed25519Public(identitySeed) };
  const frame = makeHello({ ...world.pinned, rsa: key }, identitySeed, all, chance);
  const PRK0 = prk0(world.fingerprint, chance.K0);
  const keys = helloKeys(PRK0);
  const h1 = transcript1(world.fingerprint, spki(key), frame);
  const drawn = {
    ...chance,
    x25519Private: world.nodeX25519Secret,
    mlkemSeed: world.nodeMlkemSeed,
    identitySeed,
    ...hop,
  };
  const { hello: helloKey, refusal: refusalKey, joinTopic } = keys;
  return { name, ...drawn, ...all, PRK0, helloKey, refusalKey, joinTopic, h1, olderKey: key !== rsa, frame };
}

function chanceOf(label: string): HelloChance {
  return {
    K0: draw(`K0 of ${label}`, 32),
    oaepSeed: draw(`OAEP seed of ${label}`, 32),
    nonce: draw(`nonce of ${label}`, 12),
  };
}

// Three encodings of the neutral point, the latter two not canonical.
const smallOrder = [
  ['the neutral point', fromHex(`01${'00'.repeat(31)}`)],
  ['the neutral point with the other sign of x', fromHex(`01${'00'.repeat(30)}80`)],
  ['the neutral point unreduced', fromHex(`ee${'ff'.repeat(30)}7f`)],
] as const;
/** S = 1 and R = B: [S]B = R + [k]A for every message, where A is the neutral point. */
const signatureByAnybody = join(fromHex(`58${'66'.repeat(31)}`), u8(1), zero(31));

// u coordinates of small order on Curve25519 (RFC 7748 §6.1).
const lowOrder = [
  ['X25519 key 0', zero(32)],
  ['X25519 key 1', join(u8(1), zero(31))],
  ['X25519 key of order 8', fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')],
  ['X25519 key p−1', fromHex(`ec${'ff'.repeat(30)}7f`)],
  ['X25519 key p, which is 0 unreduced', fromHex(`ed${'ff'.repeat(30)}7f`)],
] as const;

/** PKCS #1 v1.5 (RFC 8017 §7.2.1), which is not spoken. */
function pkcs1(key: RsaPublic, message: Uint8Array): Uint8Array {
  const padding = draw('PKCS #1 padding', 256 - 3 - message.length).map((byte) => byte || 1);
  return rsaRaw(key, join(u8(0), u8(2), padding, u8(0), message));
}

/** S + L: the same signature in another encoding. */
function malleated(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const S = toBigInt(signature.slice(32).toReversed());
  return join(signature.subarray(0, 32), fromBigInt(S + order, 32).toReversed());
}

function silent(error: string, name: string, frame: Uint8Array) {
  return { name, error, answered: false, frame };
}

function wrapped(name: string, wrappedK0: Uint8Array) {
  return silent('join.open', name, layered({ wrappedK0 }));
}

function answered(error: string, name: string, layers: Layers) {
  return { name, error, answered: true, joinTopic: world.fromPrk0.joinTopic, frame: layered(layers) };
}

/** Steps 1 to 3. */
function refusedInSilence() {
  return [
    silent('frame.length', 'no bytes at all', zero(0)),
    silent('frame.length', 'one byte short', hello.slice(0, -1)),
    silent('frame.length', 'one byte long', join(hello, u8(0))),
    silent('frame.version', 'version 0', put(hello, 0, u8(0))),
    silent('frame.version', 'version 2', put(hello, 0, u8(2))),
    silent('frame.suite', 'suite 2', put(hello, 1, u8(2))),
    silent('frame.kind', 'a kind that nobody has, 0x7f', put(hello, 2, u8(0x7f))),
    silent('frame.kind', 'the kind REPORT, which is of the data port', put(hello, 2, u8(kinds.REPORT))),
    silent('frame.flags', 'the lowest flag', put(hello, 3, u8(0x01))),
    silent('frame.flags', 'the highest flag', put(hello, 3, u8(0x80))),
    wrapped('K0 wrapped for another RSA key', oaepEncrypt(world.otherRsa, K0, oaepSeed)),
    wrapped('OAEP with an empty label', oaepEncrypt(rsa, K0, oaepSeed, zero(0))),
    wrapped('OAEP with the label of version 2', oaepEncrypt(rsa, K0, oaepSeed, new TextEncoder().encode('sealcast/2'))),
    wrapped('PKCS #1 v1.5 padding', pkcs1(rsa, K0)),
    wrapped('no padding at all', rsaRaw(rsa, K0)),
    wrapped('a ciphertext as large as the modulus', fromBigInt(rsa.n, 256)),
    wrapped('a ciphertext of zeros', zero(256)),
    silent(
      'join.open',
      'K0 of 31 bytes, and all else made from it',
      layered({
        wrappedK0: oaepEncrypt(rsa, K0.slice(0, 31), oaepSeed),
        helloKey: helloKeys(prk0(fingerprint, K0.slice(0, 31))).hello,
      }),
    ),
    silent(
      'join.open',
      'K0 of 33 bytes, and all else made from it',
      layered({
        wrappedK0: oaepEncrypt(rsa, join(K0, u8(0)), oaepSeed),
        helloKey: helloKeys(prk0(fingerprint, join(K0, u8(0)))).hello,
      }),
    ),
    silent(
      'join.open',
      'sealed under the fingerprint of another master',
      layered({ helloKey: helloKeys(prk0(masterFingerprint(ed25519Public(world.otherSigningSeed)), K0)).hello }),
    ),
    silent('join.open', 'sealed with the refusal key', layered({ helloKey: world.fromPrk0.refusal })),
    silent('join.open', 'a bit of the wrapped K0', flip(hello, 4)),
    silent('join.open', 'the nonce changed after sealing', flip(hello, 260)),
    silent('join.open', 'the first byte of the ciphertext', flip(hello, 272)),
    silent('join.open', 'the last byte of the ciphertext', flip(hello, 1697)),
    silent('join.open', 'the first byte of the tag', flip(hello, 1698)),
    silent('join.open', 'the last byte of the tag', flip(hello, -1)),
    silent('payload.kind', 'the kind OFFER inside the seal', layered({ innerKind: kinds.OFFER })),
    silent('join.version', 'a node that speaks version 0', layered({ fields: { nodeVersion: 0 } })),
  ];
}

/** Steps 4 to 6. */
function refusedAndAnswered() {
  return [
    answered('signature.hello', 'a bit of R', { signature: (sound) => flip(sound, 0) }),
    answered('signature.hello', 'a bit of S', { signature: (sound) => flip(sound, 32) }),
    answered('signature.hello', 'S + L, which is not canonical', { signature: malleated }),
    answered('signature.hello', 'the signature of another identity', { identitySeed: knownNode.identitySeed }),
    answered('signature.hello', 'signed for another master', {
      signed: (head, unsigned) => helloSigned(masterFingerprint(ed25519Public(world.otherSigningSeed)), head, unsigned),
    }),
    answered('signature.hello', 'signed over another wrapped K0, as when a master passes a HELLO on', {
      signed: (head, unsigned) => helloSigned(fingerprint, put(head, 4, draw('another wrapped K0', 256)), unsigned),
    }),
    answered('signature.hello', 'signed over another nonce', {
      signed: (head, unsigned) => helloSigned(fingerprint, flip(head, 260), unsigned),
    }),
    answered('signature.hello', 'signed over another invite code', {
      signed: (head) => helloSigned(fingerprint, head, helloUnsigned({ ...helloFields, inviteCode: world.spentCode })),
    }),
    answered('signature.hello', 'signed without "sealcast/1 hello"', {
      signed: (head, unsigned) => join(fingerprint, head, unsigned),
    }),
    answered('signature.hello', 'signed over the SHA-256 of what is to be signed', {
      signed: (head, unsigned) => sha256(helloSigned(fingerprint, head, unsigned)),
    }),
    ...smallOrder.map(([name, identity]) =>
      answered('signature.hello', `an identity of small order, ${name}`, {
        fields: { identity },
        signature: () => signatureByAnybody,
      }),
    ),
    answered('signature.hello', 'an identity that is no point', {
      fields: { identity: fromHex(`02${'00'.repeat(31)}`) },
    }),
    answered('join.key', 'a node id of zeros', { fields: { nodeId: zero(16) } }),
    answered('join.key', 'an instance of zeros', { fields: { instance: zero(16) } }),
    answered('join.key', 'an ML-KEM key with a coefficient of q, 3329', {
      fields: { mlkem: put(helloFields.mlkem, 0, fromHex('010d')) },
    }),
    answered('join.key', 'an ML-KEM key whose coefficients are all 4095', {
      fields: { mlkem: join(new Uint8Array(1152).fill(0xff), helloFields.mlkem.subarray(1152)) },
    }),
    ...lowOrder.map(([name, x25519]) => answered('join.key', name, { fields: { x25519 } })),
    ...lowOrder.map(([name, hopKey]) =>
      answered('join.key', name.replace('X25519 key', 'a hop key that is the X25519 key'), { fields: { hopKey } }),
    ),
    { ...answered('join.key', 'a hop key, where the mechanism is NULL', {}), mechanism: 'null' },
    answered('join.removed', 'an id that was removed', {
      fields: { nodeId: world.removedNode.nodeId, identity: ed25519Public(world.removedNode.identitySeed) },
      identitySeed: world.removedNode.identitySeed,
    }),
    answered('join.identity', 'the id of a known node with another identity', { fields: { nodeId: knownNode.nodeId } }),
    answered('join.identity', 'a new id with the identity of a known node', {
      fields: { identity: ed25519Public(knownNode.identitySeed) },
      identitySeed: knownNode.identitySeed,
    }),
    answered('join.cloned', 'a node that is held out, since another machine runs with its identity', {
      fields: { nodeId: clonedNode.nodeId, identity: ed25519Public(clonedNode.identitySeed) },
      identitySeed: clonedNode.identitySeed,
    }),
    answered('join.identity', 'the id of a node that is on two machines with another identity', {
      fields: { nodeId: clonedNode.nodeId },
    }),
    answered('join.invite', 'a new node without an invite code', { fields: { inviteCode: zero(16) } }),
    answered('join.invite', 'an invite code that was never given', {
      fields: { inviteCode: draw('invite code that was never given', 16) },
    }),
    answered('join.invite-spent', 'an invite code that was used', { fields: { inviteCode: world.spentCode } }),
    answered('join.invite-expired', 'an invite code that is too old', { fields: { inviteCode: world.expiredCode } }),
  ];
}

export function helloFile(): VectorFile {
  const joined = { nodeId: knownNode.nodeId, inviteCode: zero(16) };
  return {
    about,
    given: inJson({ ...world.givenMaster, roster: world.givenRoster }),
    accepted: [
      accepted('a new node with an invite', {}, world.identitySeed, world.helloChance),
      accepted('a known node', joined, knownNode.identitySeed, chanceOf('a known node')),
      accepted(
        'a known node with an invite code that is not looked at',
        { ...joined, inviteCode: world.spentCode },
        knownNode.identitySeed,
        chanceOf('a known node with a code'),
      ),
      ...(['plain', 'null'] as const).map((mechanism) =>
        accepted(
          `a node whose mechanism is ${mechanism.toUpperCase()}`,
          {},
          world.identitySeed,
          chanceOf(`a node with ${mechanism}`),
          rsa,
          mechanism,
        ),
      ),
      accepted(
        'the instance that stays of a node that is on two machines',
        { nodeId: clonedNode.nodeId, instance: clonedNode.stays, inviteCode: zero(16) },
        clonedNode.identitySeed,
        chanceOf('an instance that stays'),
      ),
      accepted(
        'K0 wrapped for the RSA key that was before',
        {},
        world.identitySeed,
        chanceOf('an older RSA key'),
        world.olderRsa,
      ),
      accepted('a node that speaks version 2 too', { nodeVersion: 2 }, world.identitySeed, chanceOf('a newer node')),
    ].map(inJson),
    refused: [...refusedInSilence(), ...refusedAndAnswered()].map(inJson),
  };
}
