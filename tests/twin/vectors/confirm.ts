// confirm.json and welcome.json: the envelopes of a join.
import { flip, join, u8 } from '../bytes.ts';
import { encode, type Value } from '../cbor.ts';
import { aadBytes, kinds, metadataBytes } from '../envelope.ts';
import { spki } from '../rsa.ts';
import type { Body } from '../schemas.ts';
import { downRoute, upRoute } from '../session.ts';
import { withMember } from './bodies.ts';
import { refusedBelowBody, type RefusedFrame, sealSound, type Sound, withSequence } from './envelope-refusals.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import * as world from './world.ts';

const { ids, keyId, confirmMetadata, welcomeMetadata, welcomeBody } = world;
const { keys, h2 } = world.offer;

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

export function confirmFile(): VectorFile {
  const route = upRoute(ids);
  const sound: Sound = { metadata: confirmMetadata, key: keys.confirm, route, body: h2 };
  const frame = sealSound(sound);
  return {
    about:
      'CONFIRM, as a master gets it (PROTOCOL.md, CONFIRM). given: the master, its roster and invites, and the one HELLO ' +
      'that is pending, to whose OFFER it drew masterDraws. accepted: the frame that makes the session live. refused: each ' +
      'has one thing wrong, after the frames of "after" were taken, is not answered, and changes nothing.',
    given: given(world.givenMaster, {
      roster: world.givenRoster,
      masterDraws: world.masterChance,
      offer: world.offer.frame,
    }),
    accepted: [
      inJson({
        name: 'the confirmation of the OFFER',
        confirmKey: keys.confirm,
        nonce: confirmMetadata.nonce,
        aad: aadBytes(metadataBytes(confirmMetadata), route),
        plaintext: join(u8(kinds.CONFIRM), h2),
        frame,
      }),
    ],
    refused: plain([
      ...refusedBelowBody(sound, {
        wrongKey: keys.wrap,
        foreignKinds: { WELCOME: kinds.WELCOME, REPORT: kinds.REPORT },
      }),
      ...refusedSequences(sound),
      { name: 'one byte short', error: 'frame.length', frame: sealSound({ ...sound, body: h2.slice(0, -1) }) },
      { name: 'one byte long', error: 'frame.length', frame: sealSound({ ...sound, body: join(h2, u8(0)) }) },
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
      { name: 'h1 in place of h2', error: 'join.confirm', frame: sealSound({ ...sound, body: world.h1 }) },
      { name: 'a bit of h2', error: 'join.confirm', frame: sealSound({ ...sound, body: flip(h2, 31) }) },
    ]),
  };
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
