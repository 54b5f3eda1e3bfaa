// other.json: what an application beside a fleet says.
import { join, u8 } from '../bytes.ts';
import { encode } from '../cbor.ts';
import { aadBytes, kinds, metadataBytes } from '../envelope.ts';
import { downRoute, upRoute } from '../session.ts';
import { refusedBelowBody, sealSound, type Sound } from './envelope-refusals.ts';
import { inJson, type VectorFile } from './file.ts';
import { draw, ids, keyId, offer } from './world.ts';

const ends = {
  up: { kind: kinds.OTHER_UP, sibling: kinds.REPORT, foreign: { ACK: kinds.ACK, 'OTHER DOWN': kinds.OTHER_DOWN } },
  down: { kind: kinds.OTHER_DOWN, sibling: kinds.ACK, foreign: { REPORT: kinds.REPORT, 'OTHER UP': kinds.OTHER_UP } },
} as const;
type Direction = keyof typeof ends;
const directions: Direction[] = ['up', 'down'];

const bodies: [name: string, body: Uint8Array][] = [
  ['text', new TextEncoder().encode('Grüße, world')],
  ['no bytes at all', new Uint8Array(0)],
  ['bytes that are CBOR, and stay bytes', encode({ a: 1 })],
  ['bytes that are no CBOR', Uint8Array.of(0xff, 0x00, 0x1b)],
];

function soundOf(direction: Direction, sequence: number, body: Uint8Array): Sound {
  return {
    metadata: {
      kind: ends[direction].kind,
      keyId,
      sequence: BigInt(sequence),
      nonce: draw(`nonce of OTHER ${direction} ${sequence}`, 12),
    },
    key: offer.keys[direction],
    route: direction === 'up' ? upRoute(ids) : downRoute(ids),
    body,
  };
}

function accepted(direction: Direction): object[] {
  return bodies.map(([name, body], index) => {
    const sound = soundOf(direction, index + 1, body);
    const { metadata, route } = sound;
    return {
      name: `${direction}: ${name}`,
      direction,
      sequence: metadata.sequence,
      nonce: metadata.nonce,
      body,
      aad: aadBytes(metadataBytes(metadata), route),
      plaintext: join(u8(metadata.kind), body),
      frame: sealSound(sound),
    };
  });
}

function refused(direction: Direction): object[] {
  const sound = soundOf(direction, 9, new Uint8Array(3));
  const { sibling, foreign } = ends[direction];
  const frame = sealSound(sound);
  return [
    ...refusedBelowBody(sound, {
      wrongKey: offer.keys[direction === 'up' ? 'down' : 'up'],
      siblingKind: sibling,
      foreignKinds: foreign,
    }),
    { name: 'one byte cut off the end', error: 'seal.open', frame: frame.slice(0, -1) },
    { name: 'the same frame again', error: 'sequence.replayed', after: [frame], frame },
  ].map((vector) => ({ ...vector, name: `${direction}: ${vector.name}`, direction }));
}

export function otherFile(): VectorFile {
  return {
    about:
      'OTHER, both ways, as whoever asks for it takes it (PROTOCOL.md, The envelope); in the files of the other kinds it is ' +
      'frame.kind. given: the session. accepted: the body is these bytes, and sealing the bodies of a direction in this order ' +
      'with these nonces gives the frames. refused: opened by a receiver that has taken only "after".',
    given: inJson({ ...ids, keyId, upKey: offer.keys.up, downKey: offer.keys.down }),
    accepted: directions.flatMap(accepted).map(inJson),
    refused: directions.flatMap(refused).map(inJson),
  };
}
