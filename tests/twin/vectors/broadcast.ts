// broadcast.json.
import { flip, join, put, u64, u8 } from '../bytes.ts';
import { broadcastSigned, groupRoute } from '../broadcast.ts';
import { encode } from '../cbor.ts';
import { aadBytes, kinds, metadataBytes, sealEnvelope } from '../envelope.ts';
import { epochKeys } from '../key-schedule.ts';
import { ed25519Sign } from '../primitives.ts';
import type { Body } from '../schemas.ts';
import { broadcastCommand } from './bodies.ts';
import { refusedBelowBody, type RefusedFrame, sealSound, type Sound, withSequence } from './envelope-refusals.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import * as world from './world.ts';
import { draw } from './world.ts';

const { signingSeed, ids, welcomeBody } = world;
const epoch = { epoch: welcomeBody.epoch, key: welcomeBody.key };
const keys = epochKeys(epoch.key);
const route = groupRoute(ids.masterId, epoch.epoch);

function metadataOf(number: bigint, nonce: Uint8Array) {
  return { kind: kinds.BROADCAST, keyId: keys.epochId, sequence: number, nonce };
}

function sound(number: bigint, nonce: Uint8Array, command: Uint8Array): Sound {
  const metadata = metadataOf(number, nonce);
  const signature = ed25519Sign(signingSeed, broadcastSigned(metadataBytes(metadata), epoch.epoch, command));
  return { metadata, key: keys.broadcast, route, body: join(signature, command) };
}

function accepted(name: string, number: bigint, command: Body): unknown {
  const nonce = draw(`nonce of broadcast ${number}`, 12);
  const { metadata, body } = sound(number, nonce, encode(command));
  const bytes = metadataBytes(metadata);
  return {
    name,
    body: bodyInJson(command),
    ...Object(
      inJson({
        sequence: number,
        nonce,
        signed: broadcastSigned(bytes, epoch.epoch, encode(command)),
        signature: body.subarray(0, 64),
        aad: aadBytes(bytes, route),
        plaintext: join(u8(kinds.BROADCAST), body),
        frame: sealSound(sound(number, nonce, encode(command))),
      }),
    ),
  };
}

/** What the refused ones are bent from. */
const soundBroadcast = sound(50n, draw('nonce of refused BROADCAST', 12), encode(broadcastCommand));

function forged(name: string, frame: Uint8Array): RefusedFrame {
  return { name, error: 'signature.broadcast', frame };
}

function refused(): RefusedFrame[] {
  const good = soundBroadcast;
  const { nonce } = good.metadata;
  const command = encode(broadcastCommand);
  const frame = sealSound(good);
  const metadata = metadataBytes(good.metadata);
  const signedAs = (...signed: Uint8Array[]) =>
    sealSound({ ...good, body: join(ed25519Sign(signingSeed, ...signed), command) });
  const withCommand = (bytes: Uint8Array) => sealSound(sound(50n, nonce, bytes));
  const tooHigh = sound(2n ** 53n, nonce, command);
  const signature = good.body.subarray(0, 64);
  const takesSequence = true;
  const below = refusedBelowBody(good, {
    wrongKey: world.offer.keys.down,
    foreignKinds: { COMMAND: kinds.COMMAND, EPOCH: kinds.EPOCH, REPORT: kinds.REPORT },
  });
  return [
    // Of a broadcast the inner kind, too, is looked at before the window moves.
    ...below.map((vector) => ({ ...vector, takesSequence: false })),
    { name: 'number 2⁵³', error: 'sequence.limit', frame: sealSound(tooHigh) },
    { name: 'the number changed after sealing', error: 'seal.open', frame: withSequence(frame, 51n) },
    { name: 'one byte cut off the end', error: 'seal.open', frame: frame.slice(0, -1) },
    { name: 'one byte after the tag', error: 'seal.open', frame: join(frame, u8(0)) },
    { name: 'the key id of a session', error: 'key.unknown', frame: put(frame, 4, world.keyId) },
    {
      name: 'the key id of an epoch that the node does not have',
      error: 'key.unknown',
      frame: put(frame, 4, epochKeys(draw('epoch key 8', 32)).epochId),
    },
    forged('a bit of R', sealSound({ ...good, body: flip(good.body, 0) })),
    forged('a bit of S', sealSound({ ...good, body: flip(good.body, 32) })),
    forged(
      'the signature of another master',
      sealSound({
        ...good,
        body: join(ed25519Sign(world.otherSigningSeed, broadcastSigned(metadata, epoch.epoch, command)), command),
      }),
    ),
    forged(
      'the signature of a member',
      sealSound({
        ...good,
        body: join(ed25519Sign(world.identitySeed, broadcastSigned(metadata, epoch.epoch, command)), command),
      }),
    ),
    forged('a member gives a signed command another number', resealed(good, { sequence: 51n })),
    forged(
      'a member gives a signed command another nonce',
      resealed(good, { nonce: draw('another nonce of BROADCAST', 12) }),
    ),
    forged('signed for another epoch', signedAs(broadcastSigned(metadata, epoch.epoch + 1, command))),
    forged(
      'signed over another command',
      signedAs(broadcastSigned(metadata, epoch.epoch, encode({ ...broadcastCommand, expires: 1 }))),
    ),
    forged('signed without "sealcast/1 broadcast"', signedAs(metadata, u64(epoch.epoch), command)),
    forged('a body of 63 bytes, shorter than a signature', sealSound({ ...good, body: signature.slice(0, 63) })),
    forged('an empty body', sealSound({ ...good, body: new Uint8Array(0) })),
    { name: 'the same frame again', error: 'sequence.replayed', after: [frame], frame },
    {
      name: 'a number that another broadcast had',
      error: 'sequence.replayed',
      after: [frame],
      frame: sealSound(sound(50n, draw('another nonce of BROADCAST', 12), command)),
    },
    {
      name: 'a number of highest − replayWindow',
      error: 'sequence.replayed',
      after: [sealSound(sound(1074n, nonce, command))],
      frame,
    },
    {
      name: 'a signature and no command',
      error: 'payload.encoding',
      frame: withCommand(new Uint8Array(0)),
      takesSequence,
    },
    {
      name: 'a byte after the command',
      error: 'payload.encoding',
      frame: withCommand(join(command, u8(0))),
      takesSequence,
    },
    {
      name: 'a key that the schema does not have',
      error: 'payload.schema',
      frame: withCommand(encode({ ...broadcastCommand, zzz: 0 })),
      takesSequence,
    },
    {
      name: 'a command for one node',
      error: 'command.target',
      frame: withCommand(encode({ ...broadcastCommand, target: ids.nodeId })),
      takesSequence,
    },
  ];
}

/** What a member can do with a signed command: seal it again under the epoch key, with other metadata. */
function resealed(good: Sound, change: { sequence?: bigint; nonce?: Uint8Array }): Uint8Array {
  const metadata = metadataBytes({ ...good.metadata, ...change });
  return sealEnvelope(good.key, metadata, route, join(u8(kinds.BROADCAST), good.body));
}

export function broadcastFile(): VectorFile {
  return {
    about:
      'BROADCAST, as a member of the epoch gets it (PROTOCOL.md, Broadcasts and epochs). given: the master and the epoch. ' +
      'accepted: opens to body, and sealing it with this number and nonce gives the frame; a byte string in a body is ' +
      '{"hex"}. sound: the frame that each refused one differs from in one thing. refused: opened by a receiver that has ' +
      'taken only "after"; takesSequence: its replay window has taken the number nevertheless.',
    given: inJson({
      signingSeed,
      signingPublicKey: world.signing,
      masterId: ids.masterId,
      epoch: epoch.epoch,
      epochKey: epoch.key,
      head: welcomeBody.head,
      epochId: keys.epochId,
      epochTopic: keys.epochTopic,
      broadcastKey: keys.broadcast,
    }),
    accepted: [
      accepted('a text for everyone', 42n, broadcastCommand),
      accepted('another interval for everyone', 43n, {
        ...broadcastCommand,
        id: draw('another command id', 16),
        action: { type: 'interval', seconds: 60 },
      }),
      accepted('the highest number, 2⁵³−1', 2n ** 53n - 1n, broadcastCommand),
    ],
    sound: inJson(sealSound(soundBroadcast)),
    refused: refused().map(inJson),
  };
}
