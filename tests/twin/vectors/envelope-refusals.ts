// What every envelope can have wrong below its body, one thing at a time.
import { flip, join, put, u64, u8 } from '../bytes.ts';
import { metadataBytes, type Metadata, type Route, sealEnvelope } from '../envelope.ts';
import { gcmSeal } from '../primitives.ts';
import { draw } from './world.ts';

export interface RefusedFrame {
  name: string;
  error: string;
  /** frames that are accepted before */
  after?: Uint8Array[];
  frame: Uint8Array;
  /** whether the sequence is taken although the frame is refused; false unless said */
  takesSequence?: boolean;
}

export interface Sound {
  metadata: Metadata;
  key: Uint8Array;
  route: Route;
  body: Uint8Array;
}

export function sealSound({ metadata, key, route, body }: Sound): Uint8Array {
  return sealEnvelope(key, metadataBytes(metadata), route, join(u8(metadata.kind), body));
}

export interface Surroundings {
  /** a key that the receiver has, but not for this direction and kind */
  wrongKey: Uint8Array;
  /** a kind that this receiver takes too, if there is one */
  siblingKind?: number;
  /** kinds that are taken elsewhere only */
  foreignKinds: Record<string, number>;
}

function refused(error: string, name: string, frame: Uint8Array): RefusedFrame {
  return { name, error, frame };
}

export function refusedBelowBody(sound: Sound, around: Surroundings): RefusedFrame[] {
  const { metadata, route, body } = sound;
  const frame = sealSound(sound);
  const seal = (changes: Partial<Sound>) => sealSound({ ...sound, ...changes });
  const otherId = draw('an id that is not in the session', 16);
  return [
    refused('frame.length', 'no bytes at all', new Uint8Array(0)),
    refused('frame.length', '48 bytes, one fewer than an envelope has', frame.subarray(0, 48)),
    refused('frame.version', 'version 0', put(frame, 0, u8(0))),
    refused('frame.version', 'version 2', put(frame, 0, u8(2))),
    refused('frame.suite', 'suite 0', put(frame, 1, u8(0))),
    refused('frame.suite', 'suite 2', put(frame, 1, u8(2))),
    refused('frame.kind', 'a kind that nobody has, 0x7f', put(frame, 2, u8(0x7f))),
    ...Object.entries(around.foreignKinds).map(([name, kind]) =>
      refused(
        'frame.kind',
        `the kind ${name}, sealed as such, which is not taken here`,
        seal({ metadata: { ...metadata, kind } }),
      ),
    ),
    refused('frame.flags', 'the lowest flag', put(frame, 3, u8(0x01))),
    refused('frame.flags', 'the highest flag', put(frame, 3, u8(0x80))),
    refused('key.unknown', 'a key id with one bit turned', flip(frame, 4)),
    refused('key.unknown', 'a key id with its last bit turned', flip(frame, 11)),
    refused('sequence.limit', 'sequence 0', seal({ metadata: { ...metadata, sequence: 0n } })),
    refused('sequence.limit', 'sequence 2⁶⁴−1', seal({ metadata: { ...metadata, sequence: 2n ** 64n - 1n } })),
    ...(around.siblingKind === undefined
      ? []
      : [refused('seal.open', 'the kind changed after sealing', put(frame, 2, u8(around.siblingKind)))]),
    refused('seal.open', 'the nonce changed after sealing', flip(frame, 20)),
    refused('seal.open', 'the last byte of the nonce changed after sealing', flip(frame, 31)),
    refused('seal.open', 'the first byte of the ciphertext', flip(frame, 32)),
    refused('seal.open', 'the last byte of the ciphertext', flip(frame, -17)),
    refused('seal.open', 'the first byte of the tag', flip(frame, -16)),
    refused('seal.open', 'the last byte of the tag', flip(frame, -1)),
    refused('seal.open', 'sealed with the key of another direction', seal({ key: around.wrongKey })),
    ...[1, 2, 3]
      .filter((direction) => direction !== route.direction)
      .map((direction) =>
        refused('seal.open', `direction ${direction} in the AAD`, seal({ route: { ...route, direction } })),
      ),
    refused('seal.open', 'another sender id in the AAD', seal({ route: { ...route, sender: otherId } })),
    refused('seal.open', 'another target id in the AAD', seal({ route: { ...route, target: otherId } })),
    refused('seal.open', 'another epoch in the AAD', seal({ route: { ...route, epoch: route.epoch + 1n } })),
    refused('seal.open', 'AAD of the metadata alone', sealWithAad(sound, metadataBytes(metadata))),
    {
      name: 'another kind inside the seal',
      error: 'payload.kind',
      frame: sealEnvelope(sound.key, metadataBytes(metadata), route, join(u8(metadata.kind ^ 0x80), body)),
      takesSequence: true,
    },
  ];
}

function sealWithAad({ metadata, key, body }: Sound, aad: Uint8Array): Uint8Array {
  return join(aad, gcmSeal(key, metadata.nonce, aad, join(u8(metadata.kind), body)));
}

/** The frame that claims another sequence than it was sealed with. */
export function withSequence(frame: Uint8Array, sequence: bigint): Uint8Array {
  return put(frame, 12, u64(sequence));
}
