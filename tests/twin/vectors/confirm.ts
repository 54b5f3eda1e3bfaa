// confirm.json and welcome.json: the envelopes of a join.
import { flip, join, put, u8, zero } from '../bytes.ts';
import { encode, type Value } from '../cbor.ts';
import { aadBytes, kinds, metadataBytes } from '../envelope.ts';
import { hopProof, type Mechanism } from '../hop-key.ts';
import { transcript1 } from '../key-schedule.ts';
import { sha256, x25519Public, x25519Shared } from '../primitives.ts';
import { spki } from '../rsa.ts';
import type { Body } from '../schemas.ts';
import { downRoute, upRoute } from '../session.ts';
import { withMember } from './bodies.ts';
import { refusedBelowBody, type RefusedFrame, sealSound, type Sound, withSequence } from './envelope-refusals.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import * as world from './world.ts';

const { ids, keyId, confirmMetadata, welcomeMetadata, welcomeBody } = world;
const { keys, h2 } = world.offer;
const mechanisms = ['curve', 'plain', 'null'] as const;

function given(...more: object[]): unknown {
  const node = { ...world.givenNode, masterId: ids.masterId };
  return inJson(
    Object.assign({}, ...more, {
      node,
      hello: world.hello,
      joinTopic: world.fromPrk0.joinTopic,
      h1: world.h1,
      h2,
      keyId,
    }),
  );
}

/** What an envelope with a key of its own and one sequence can have wrong beside refusedBelowBody(). */
function refusedSequences(sound: Sound): RefusedFrame[] {
  const at = (sequence: bigint) => sealSound({ ...sound, metadata: { ...sound.metadata, sequence } });
  return [
    { name: 'sequence 2, sealed as such', error: 'sequence.limit', frame: at(2n) },
    { name: 'the sequence changed after sealing', error: 'sequence.limit', frame: withSequence(sealSound(sound), 2n) },
  ];
}

/** takesSequence is of sessions alone: CONFIRM and WELCOME are in no window. */
function plain(refused: RefusedFrame[]): unknown[] {
  return refused.map(({ name, error, after, frame }) => inJson({ name, error, ...(after && { after }), frame }));
}

/** The join of a node with that mechanism, as far as CONFIRM. */
function joinUnder(mechanism: Mechanism) {
  const hello = world.helloUnder(mechanism);
  const offer = world.offerTo(transcript1(world.fingerprint, spki(world.rsa), hello));
  const body = world.confirmBodyUnder(mechanism, offer.h2);
  const sound: Sound = { metadata: confirmMetadata, key: offer.keys.confirm, route: upRoute(ids), body };
  return { hello, offer, sound };
}

function acceptedConfirm(mechanism: Mechanism): unknown {
  const { hello, offer, sound } = joinUnder(mechanism);
  return inJson({
    name: `the confirmation of the OFFER, under ${mechanism.toUpperCase()}`,
    ...world.hops[mechanism],
    hello,
    offer: offer.frame,
    h2: offer.h2,
    hopProof: sound.body.slice(32),
    confirmKey: sound.key,
    nonce: confirmMetadata.nonce,
    aad: aadBytes(metadataBytes(confirmMetadata), sound.route),
    plaintext: join(u8(kinds.CONFIRM), sound.body),
    frame: sealSound(sound),
  });
}

function unproven(mechanism: Mechanism, name: string, proof: Uint8Array): unknown {
  const { offer, sound } = joinUnder(mechanism);
  const frame = sealSound({ ...sound, body: join(offer.h2, proof) });
  return inJson({
    name: `${mechanism.toUpperCase()}: ${name}`,
    error: 'join.key',
    answered: true,
    mechanism,
    joinTopic: world.fromPrk0.joinTopic,
    frame,
  });
}

/** Who names a hop key and has not its secret. */
function unprovenConfirms(): unknown[] {
  const { hopSecret, hopKey } = world.hops.curve;
  const offered = x25519Public(world.offerChance.x25519Secret);
  const shared = x25519Shared(hopSecret, offered) ?? zero(32);
  const proof = hopProof('curve', hopSecret, offered, h2);
  const { hopSecret: plainSecret, hopKey: plainKey } = world.hops.plain;
  return [
    unproven('curve', 'no proof, 32 zero bytes', zero(32)),
    unproven('curve', 'a bit of the proof', flip(proof, 0)),
    unproven('curve', 'the last bit of the proof', put(proof, 31, u8((proof[31] ?? 0) ^ 1))),
    unproven('curve', 'a proof by the secret of another key', hopProof('curve', plainSecret, offered, h2)),
    unproven('curve', 'a proof by the ephemeral key of HELLO', hopProof('curve', world.nodeX25519Secret, offered, h2)),
    unproven('curve', 'a proof to the ephemeral key of another OFFER', hopProof('curve', hopSecret, hopKey, h2)),
    unproven('curve', 'a proof over h1', hopProof('curve', hopSecret, offered, world.h1)),
    unproven('curve', 'the shared secret itself', shared),
    unproven('curve', 'the hop secret, as under PLAIN', hopSecret),
    unproven('curve', 'the hop key', hopKey),
    unproven('plain', 'no proof, 32 zero bytes', zero(32)),
    unproven('plain', 'a bit of the secret', flip(plainSecret, 31)),
    unproven('plain', 'the hop key', plainKey),
    unproven('plain', 'SHA-256 of the hop key', sha256(plainKey)),
    unproven('null', 'a bit', flip(zero(32), 31)),
    unproven('null', 'the secret of PLAIN', plainSecret),
  ];
}

export function confirmFile(): VectorFile {
  const route = upRoute(ids);
  const body = world.confirmBody;
  const sound: Sound = { metadata: confirmMetadata, key: keys.confirm, route, body };
  const frame = sealSound(sound);
  return {
    about:
      'CONFIRM, as a master gets it (PROTOCOL.md, CONFIRM). given: the master, its roster and invites, and the one HELLO ' +
      'that is pending, to whose OFFER it drew masterDraws; under another mechanism it is the HELLO of the accepted vector of that ' +
      'one, with the same draws. accepted: the frame that makes the session live. refused: each has one thing wrong, after the ' +
      'frames of "after" were taken, and changes nothing; answered says that the master answers with a REFUSAL, on joinTopic.',
    given: given(world.givenMaster, {
      roster: world.givenRoster,
      masterDraws: world.masterChance,
      offer: world.offer.frame,
    }),
    accepted: mechanisms.map(acceptedConfirm),
    refused: [...plain(refusedInSilence(sound, frame)), ...unprovenConfirms()],
  };
}

function refusedInSilence(sound: Sound, frame: Uint8Array): RefusedFrame[] {
  const { body } = sound;
  const proof = body.slice(32);
  return [
    ...refusedBelowBody(sound, {
      wrongKey: keys.wrap,
      foreignKinds: { WELCOME: kinds.WELCOME, REPORT: kinds.REPORT },
    }),
    ...refusedSequences(sound),
    { name: 'one byte short', error: 'frame.length', frame: sealSound({ ...sound, body: body.slice(0, -1) }) },
    { name: 'one byte long', error: 'frame.length', frame: sealSound({ ...sound, body: join(body, u8(0)) }) },
    { name: 'h2 alone', error: 'frame.length', frame: sealSound({ ...sound, body: h2 }) },
    { name: 'one byte cut off the end', error: 'frame.length', frame: frame.slice(0, -1) },
    { name: 'one byte after the tag', error: 'frame.length', frame: join(frame, u8(0)) },
    {
      name: 'another CONFIRM that opens, after one was taken',
      error: 'sequence.replayed',
      after: [frame],
      frame: sealSound({
        ...sound,
        metadata: { ...confirmMetadata, nonce: world.draw('another CONFIRM nonce', 12) },
      }),
    },
    { name: 'h1 in place of h2', error: 'join.confirm', frame: sealSound({ ...sound, body: join(world.h1, proof) }) },
    { name: 'a bit of h2', error: 'join.confirm', frame: sealSound({ ...sound, body: flip(body, 31) }) },
    { name: 'proof before h2', error: 'join.confirm', frame: sealSound({ ...sound, body: join(proof, h2) }) },
  ];
}

function acceptedWelcome(name: string, body: Body): object {
  const route = downRoute(ids);
  const sound: Sound = { metadata: welcomeMetadata, key: keys.wrap, route, body: encode(body) };
  return {
    name,
    body: bodyInJson(body),
    ...Object(
      inJson({
        wrapKey: keys.wrap,
        nonce: welcomeMetadata.nonce,
        aad: aadBytes(metadataBytes(welcomeMetadata), route),
        plaintext: join(u8(kinds.WELCOME), sound.body),
        upKey: keys.up,
        downKey: keys.down,
        topic: keys.topic,
        frame: sealSound(sound),
      }),
    ),
  };
}

export function welcomeFile(): VectorFile {
  const route = downRoute(ids);
  const sound: Sound = { metadata: welcomeMetadata, key: keys.wrap, route, body: encode(welcomeBody) };
  const withBody = (body: Uint8Array) => sealSound({ ...sound, body });
  const without = (name: string, value?: Value) => withBody(encode(withMember(welcomeBody, [name], value)));
  return {
    about:
      'WELCOME, as a node gets it (PROTOCOL.md, WELCOME). given: the master that the invite pins, the node with its HELLO, ' +
      'and the OFFER that it has taken. accepted: opens to body and makes the session; a byte string in a body is {"hex"}. ' +
      'refused: each has one thing wrong, and a node that got one still takes the accepted one.',
    given: given({
      rsaPublicKeySpki: world.givenMaster.rsaPublicKeySpki,
      signingPublicKey: world.signing,
      masterFingerprint: world.fingerprint,
      offer: world.offer.frame,
      confirmNonce: confirmMetadata.nonce,
      confirm: world.confirm,
    }),
    accepted: [
      acceptedWelcome('the welcome to the CONFIRM', welcomeBody),
      acceptedWelcome('a welcome with a newer RSA key', { ...welcomeBody, rsa: spki(world.otherRsa) }),
    ],
    refused: plain([
      ...refusedBelowBody(sound, {
        wrongKey: keys.confirm,
        foreignKinds: { ACK: kinds.ACK, EPOCH: kinds.EPOCH },
      }),
      ...refusedSequences(sound),
      { name: 'one byte cut off the end', error: 'seal.open', frame: world.welcome.slice(0, -1) },
      { name: 'one byte after the tag', error: 'seal.open', frame: join(world.welcome, u8(0)) },
      { name: 'joinFrameMax and one byte', error: 'frame.length', frame: withBody(new Uint8Array(2048 + 1 - 49)) },
      { name: 'a frame whose body is empty', error: 'payload.encoding', frame: withBody(new Uint8Array(0)) },
      { name: 'a byte after the body', error: 'payload.encoding', frame: withBody(join(sound.body, u8(0))) },
      { name: 'a key that the schema does not have', error: 'payload.schema', frame: without('zzz', 0) },
      { name: 'no head', error: 'payload.schema', frame: without('head') },
      { name: 'epoch 0', error: 'payload.schema', frame: without('epoch', 0) },
      { name: 'an epoch key of 31 bytes', error: 'payload.schema', frame: without('key', new Uint8Array(31)) },
      { name: 'an RSA key of 255 bytes', error: 'payload.schema', frame: without('rsa', new Uint8Array(255)) },
      { name: 'an RSA key that is none', error: 'payload.schema', frame: without('rsa', new Uint8Array(294)) },
      {
        name: 'an RSA key with e = 3',
        error: 'payload.schema',
        frame: without('rsa', spki({ ...world.otherRsa, e: 3n })),
      },
      { name: 'an interval of 0', error: 'payload.schema', frame: without('interval', 0) },
      { name: 'an interval of 3601', error: 'payload.schema', frame: without('interval', 3601) },
    ]),
  };
}
