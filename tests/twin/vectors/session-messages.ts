// report.json to rotated.json: the messages of a session.
import { join, u8 } from '../bytes.ts';
import { encode } from '../cbor.ts';
import { aadBytes, everyone, kinds, metadataBytes, sessionMaxMessages } from '../envelope.ts';
import { downKinds, downRoute, type SessionKind, upKinds, upRoute } from '../session.ts';
import { bodies, plainest } from './bodies.ts';
import { refusedBelowBody, type RefusedFrame, sealSound, type Sound, withSequence } from './envelope-refusals.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import { draw, ids, keyId, offer } from './world.ts';

const about = (kind: string, end: string, direction: string) =>
  `${kind}, sealed by a ${end} (PROTOCOL.md, The envelope, Payloads). given: the session. accepted: opens to body, and ` +
  'sealing them in this order with these nonces gives the frames; a byte string in a body is {"hex"}. sound: ' +
  'the frame that each refused one differs from in one thing. refused: opened by a receiver that has taken only "after"; ' +
  `takesSequence: the ${direction} replay window has taken the sequence nevertheless.`;

function isUp(kind: SessionKind): boolean {
  return upKinds.some((up) => up === kind);
}

export function sessionMessage(kind: SessionKind): VectorFile {
  const up = isUp(kind);
  const direction = up ? 'up' : 'down';
  const route = up ? upRoute(ids) : downRoute(ids);
  const key = offer.keys[direction];
  const base = { key, route };
  const accepted = (bodies[kind] ?? []).map(([name, body], index) => {
    const sequence = BigInt(index + 1);
    const nonce = draw(`nonce of ${kind} ${sequence}`, 12);
    const metadata = { kind: kinds[kind], keyId, sequence, nonce };
    const sound: Sound = { ...base, metadata, body: encode(body) };
    return {
      name,
      sequence,
      nonce,
      body: bodyInJson(body),
      aad: aadBytes(metadataBytes(metadata), route),
      plaintext: join(u8(kinds[kind]), sound.body),
      frame: sealSound(sound),
    };
  });
  return {
    about: about(kind, up ? 'node' : 'master', direction),
    given: inJson({
      ...ids,
      keyId,
      [`${direction}Key`]: key,
      [up ? 'downKey' : 'upKey']: offer.keys[up ? 'down' : 'up'],
    }),
    accepted: accepted.map(inJson),
    sound: inJson(sealSound(soundMessage(kind))),
    refused: refusedSessionMessages(kind).map(inJson),
  };
}

/** What the refused ones are bent from. */
function soundMessage(kind: SessionKind): Sound {
  const up = isUp(kind);
  return {
    metadata: { kind: kinds[kind], keyId, sequence: 9n, nonce: draw(`nonce of refused ${kind}`, 12) },
    key: offer.keys[up ? 'up' : 'down'],
    route: up ? upRoute(ids) : downRoute(ids),
    body: encode(plainest(kind)),
  };
}

function refusedSessionMessages(kind: SessionKind): RefusedFrame[] {
  const up = isUp(kind);
  const sound = soundMessage(kind);
  const { metadata, body } = sound;
  const at = (sequence: bigint) => sealSound({ ...sound, metadata: { ...metadata, sequence } });
  const withBody = (bytes: Uint8Array) => sealSound({ ...sound, body: bytes });
  const own: readonly SessionKind[] = up ? upKinds : downKinds;
  const sibling = own.find((other) => other !== kind);
  const takesSequence = true;
  return [
    ...refusedBelowBody(sound, {
      wrongKey: offer.keys[up ? 'down' : 'up'],
      ...(sibling && { siblingKind: kinds[sibling] }),
      foreignKinds: up
        ? { HELLO: 0x01, ACK: 0x20, BROADCAST: 0x30, 'OTHER UP': 0x1f }
        : { REPORT: 0x10, WELCOME: 0x04, BROADCAST: 0x30, 'OTHER DOWN': 0x2f },
    }),
    {
      name: 'one above sessionMaxMessages',
      error: 'sequence.limit',
      frame: at(sessionMaxMessages + 1n),
    },
    { name: 'the sequence changed after sealing', error: 'seal.open', frame: withSequence(sealSound(sound), 10n) },
    { name: 'one byte cut off the end', error: 'seal.open', frame: sealSound(sound).slice(0, -1) },
    { name: 'one byte after the tag', error: 'seal.open', frame: join(sealSound(sound), u8(0)) },
    { name: 'the same frame again', error: 'sequence.replayed', after: [sealSound(sound)], frame: sealSound(sound) },
    {
      name: 'a sequence that another frame had',
      error: 'sequence.replayed',
      after: [sealSound(sound)],
      frame: sealSound({ ...sound, metadata: { ...metadata, nonce: draw(`another nonce of ${kind}`, 12) } }),
    },
    {
      name: 'a sequence of highest − replayWindow',
      error: 'sequence.replayed',
      after: [at(1025n)],
      frame: at(1n),
    },
    {
      name: 'a frame whose body is empty',
      error: 'payload.encoding',
      frame: withBody(new Uint8Array(0)),
      takesSequence,
    },
    { name: 'a byte after the body', error: 'payload.encoding', frame: withBody(join(body, u8(0))), takesSequence },
    {
      name: 'a key that the schema does not have',
      error: 'payload.schema',
      frame: withBody(encode({ ...plainest(kind), zzz: 0 })),
      takesSequence,
    },
    { name: 'an array in place of the map', error: 'payload.schema', frame: withBody(encode([])), takesSequence },
    ...(kind === 'COMMAND' ? misdirected(withBody) : []),
  ];
}

function misdirected(withBody: (bytes: Uint8Array) => Uint8Array): RefusedFrame[] {
  const forTarget = (name: string, target: Uint8Array): RefusedFrame => ({
    name,
    error: 'command.target',
    frame: withBody(encode({ ...plainest('COMMAND'), target })),
    takesSequence: true,
  });
  return [
    forTarget('a command for another node', draw('id of another node', 16)),
    forTarget('a command for everyone, which only a BROADCAST carries', everyone),
    forTarget('a command for the master', ids.masterId),
  ];
}
