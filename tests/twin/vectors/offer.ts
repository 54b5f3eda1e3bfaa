// offer.json and refusal.json: what a node gets for its HELLO.
import { flip, join, put, u8, zero } from '../bytes.ts';
import { header, kinds } from '../envelope.ts';
import { ed25519Sign } from '../primitives.ts';
import {
  makeOffer,
  makeRefusal,
  offerHead,
  offerSigned,
  refusalSigned,
  sealOfferFrame,
  sealRefusalFrame,
} from '../offer.ts';
import { inJson, type VectorFile } from './file.ts';
import * as world from './world.ts';
import { draw } from './world.ts';

const { offerChance, signingSeed, otherSigningSeed, h1, keyId, helloChance, helloFields } = world;
const { h2, keys, frame, mlkemCiphertext, PRK } = world.offer;
const helloView = { h1, K0: helloChance.K0, x25519: helloFields.x25519, mlkem: helloFields.mlkem };
const masterX25519 = frame.slice(4, 36);

const aboutOffer =
  'OFFER, as a node gets it (PROTOCOL.md, OFFER). given: the master that the invite pins, and the node with its HELLO. ' +
  'accepted: what the master draws, what follows from it, and the frame. refused: each has one thing wrong, after the ' +
  'frames of "after" were taken, and changes nothing.';
const aboutRefusal =
  'REFUSAL, as a node gets it (PROTOCOL.md, REFUSAL). given: the master that the invite pins, and the node with its HELLO. ' +
  'accepted: the frame that ends the join. refused: each has one thing wrong, and changes nothing.';

function given(): unknown {
  return inJson({
    rsaPublicKeySpki: world.givenMaster.rsaPublicKeySpki,
    signingSeed,
    signingPublicKey: world.signing,
    masterFingerprint: world.fingerprint,
    node: world.givenNode,
    hello: world.hello,
    joinTopic: world.fromPrk0.joinTopic,
    refusalKey: world.fromPrk0.refusal,
    h1,
  });
}

interface Layers {
  innerKind?: number;
  keyId?: Uint8Array;
  /** the key id that is signed, where it is another */
  signedKeyId?: Uint8Array;
  seed?: Uint8Array;
  signature?: Uint8Array;
  key?: Uint8Array;
}

function offer(layers: Layers): Uint8Array {
  const id = layers.keyId ?? keyId;
  const signature =
    layers.signature ?? ed25519Sign(layers.seed ?? signingSeed, offerSigned(h2, layers.signedKeyId ?? id));
  const plaintext = join(u8(layers.innerKind ?? kinds.OFFER), id, signature);
  return sealOfferFrame(
    layers.key ?? keys.wrap,
    offerHead(masterX25519, mlkemCiphertext),
    offerChance.nonce,
    plaintext,
  );
}

type Refused = [error: string, name: string, frame: Uint8Array];

function refusedHeaders(sound: Uint8Array): Refused[] {
  return [
    ['frame.length', 'no bytes at all', zero(0)],
    ['frame.length', 'one byte short', sound.slice(0, -1)],
    ['frame.length', 'one byte long', join(sound, u8(0))],
    ['frame.version', 'version 0', put(sound, 0, u8(0))],
    ['frame.version', 'version 2', put(sound, 0, u8(2))],
    ['frame.suite', 'suite 2', put(sound, 1, u8(2))],
    ['frame.kind', 'a kind that nobody has, 0x7f', put(sound, 2, u8(0x7f))],
    ['frame.kind', 'the kind ACK, which is of the data port', put(sound, 2, u8(kinds.ACK))],
    ['frame.flags', 'the lowest flag', put(sound, 3, u8(0x01))],
    ['frame.flags', 'the highest flag', put(sound, 3, u8(0x80))],
  ];
}

function refusedOffers(): Refused[] {
  return [
    ...refusedHeaders(frame),
    ['join.key', 'X25519 key 0', put(frame, 4, zero(32))],
    ['join.key', 'X25519 key 1', put(frame, 4, join(u8(1), zero(31)))],
    ['seal.open', 'another X25519 key', put(frame, 4, helloFields.x25519)],
    ['seal.open', 'a bit of the ML-KEM ciphertext', flip(frame, 36)],
    ['seal.open', 'the last bit of the ML-KEM ciphertext', flip(frame, 1123)],
    ['seal.open', 'the nonce changed after sealing', flip(frame, 1124)],
    ['seal.open', 'the first byte of the ciphertext', flip(frame, 1136)],
    ['seal.open', 'the last byte of the ciphertext', flip(frame, 1208)],
    ['seal.open', 'the first byte of the tag', flip(frame, 1209)],
    ['seal.open', 'the last byte of the tag', flip(frame, -1)],
    ['seal.open', 'sealed with the confirm key', offer({ key: keys.confirm })],
    [
      'seal.open',
      'made for another HELLO of the same node',
      makeOffer(signingSeed, { ...helloView, h1: draw('h1 of another HELLO', 32) }, offerChance).frame,
    ],
    [
      'seal.open',
      'made by who does not know K0',
      makeOffer(signingSeed, { ...helloView, K0: draw('a guess at K0', 32) }, offerChance).frame,
    ],
    ['payload.kind', 'the kind HELLO inside the seal', offer({ innerKind: kinds.HELLO })],
    ['signature.offer', 'a bit of R', offer({ signature: flip(ed25519Sign(signingSeed, offerSigned(h2, keyId)), 0) })],
    ['signature.offer', 'a bit of S', offer({ signature: flip(ed25519Sign(signingSeed, offerSigned(h2, keyId)), 32) })],
    ['signature.offer', 'the signature of another master', offer({ seed: otherSigningSeed })],
    ['signature.offer', 'the signature of the node', offer({ seed: world.identitySeed })],
    ['signature.offer', 'signed over another key id', offer({ signedKeyId: draw('another key id', 8) })],
    [
      'signature.offer',
      'signed over h1 in place of h2',
      offer({ signature: ed25519Sign(signingSeed, offerSigned(h1, keyId)) }),
    ],
    [
      'signature.offer',
      'signed without "sealcast/1 offer"',
      offer({ signature: ed25519Sign(signingSeed, join(h2, keyId)) }),
    ],
    ['join.key', 'a session key id of zeros', offer({ keyId: zero(8) })],
  ];
}

export function offerFile(): VectorFile {
  return {
    about: aboutOffer,
    given: given(),
    accepted: [
      inJson({
        name: 'the answer to the HELLO',
        x25519Private: offerChance.x25519Secret,
        x25519: masterX25519,
        mlkemRandomness: offerChance.mlkemRandomness,
        mlkemCiphertext,
        h2,
        PRK,
        wrapKey: keys.wrap,
        keyId,
        signature: ed25519Sign(signingSeed, offerSigned(h2, keyId)),
        nonce: offerChance.nonce,
        frame,
      }),
    ],
    refused: [
      ...refusedOffers().map(([error, name, bent]) => ({ name, error, frame: bent })),
      { name: 'a WELCOME before the OFFER', error: 'key.unknown', frame: world.welcome },
      {
        name: 'another OFFER to the same HELLO after one was taken',
        error: 'key.unknown',
        after: [frame],
        frame: makeOffer(signingSeed, helloView, { ...offerChance, keyId: draw('another key id', 8) }).frame,
      },
    ].map(inJson),
  };
}

function refusedRefusals(nonce: Uint8Array): Refused[] {
  const key = world.fromPrk0.refusal;
  const sound = makeRefusal(signingSeed, key, h1, nonce);
  const sealed = (plaintext: Uint8Array, under = key) => sealRefusalFrame(under, nonce, plaintext);
  const signature = ed25519Sign(signingSeed, refusalSigned(h1));
  const signed = (other: Uint8Array) => sealed(join(u8(kinds.REFUSAL), other));
  return [
    ...refusedHeaders(sound),
    ['seal.open', 'the nonce changed after sealing', flip(sound, 4)],
    ['seal.open', 'the first byte of the ciphertext', flip(sound, 16)],
    ['seal.open', 'the last byte of the ciphertext', flip(sound, 80)],
    ['seal.open', 'the first byte of the tag', flip(sound, 81)],
    ['seal.open', 'the last byte of the tag', flip(sound, -1)],
    ['seal.open', 'sealed with the hello key', sealed(join(u8(kinds.REFUSAL), signature), world.fromPrk0.hello)],
    ['payload.kind', 'the kind OFFER inside the seal', sealed(join(u8(kinds.OFFER), signature))],
    ['signature.refusal', 'a bit of R', signed(flip(signature, 0))],
    ['signature.refusal', 'a bit of S', signed(flip(signature, 32))],
    ['signature.refusal', 'the signature of another master', signed(ed25519Sign(otherSigningSeed, refusalSigned(h1)))],
    [
      'signature.refusal',
      'signed over another HELLO',
      signed(ed25519Sign(signingSeed, refusalSigned(draw('h1 of another HELLO', 32)))),
    ],
    ['signature.refusal', 'signed without "sealcast/1 refusal"', signed(ed25519Sign(signingSeed, h1))],
  ];
}

export function refusalFile(): VectorFile {
  const nonce = draw('REFUSAL nonce', 12);
  return {
    about: aboutRefusal,
    given: given(),
    accepted: [
      inJson({
        name: 'the answer to a HELLO that is refused, whatever the reason',
        nonce,
        aad: join(header(kinds.REFUSAL), nonce),
        signature: ed25519Sign(signingSeed, refusalSigned(h1)),
        frame: makeRefusal(signingSeed, world.fromPrk0.refusal, h1, nonce),
      }),
    ],
    refused: refusedRefusals(nonce).map(([error, name, bent]) => inJson({ name, error, frame: bent })),
  };
}
