// PROTOCOL.md, Broadcasts and epochs.
import { join, same, tagged, toHex, u8, u64 } from './bytes.ts';
import { decode, encode } from './cbor.ts';
import {
  checkInnerKind,
  dataFrameMax,
  directions,
  everyone,
  kinds,
  metadataBytes,
  openEnvelope,
  type Route,
  sealEnvelope,
} from './envelope.ts';
import { epochKeys, masterId } from './key-schedule.ts';
import { ed25519Public, ed25519Sign, ed25519Verify } from './primitives.ts';
import { refuse, refuseUnless } from './refused.ts';
import { ReplayWindow } from './replay-window.ts';
import { type Body, checkBody } from './schemas.ts';

const overlapMs = 10_000;

export function groupRoute(master: Uint8Array, epoch: number): Route {
  return { direction: directions.group, sender: master, target: everyone, epoch: BigInt(epoch) };
}

/** What the signature of a BROADCAST is over. */
export function broadcastSigned(metadata: Uint8Array, epoch: number, command: Uint8Array): Uint8Array {
  return join(tagged('sealcast/1 broadcast'), metadata, u64(epoch), command);
}

export function sealBroadcast(
  signingSeed: Uint8Array,
  epoch: { epoch: number; key: Uint8Array },
  number: number,
  command: Body,
  nonce: Uint8Array,
): { topic: Uint8Array; frame: Uint8Array } {
  const { broadcast, epochId, epochTopic } = epochKeys(epoch.key);
  const metadata = metadataBytes({ kind: kinds.BROADCAST, keyId: epochId, sequence: BigInt(number), nonce });
  const body = encode(checkBody('command', command));
  const signature = ed25519Sign(signingSeed, broadcastSigned(metadata, epoch.epoch, body));
  const route = groupRoute(masterId(ed25519Public(signingSeed)), epoch.epoch);
  return {
    topic: epochTopic,
    frame: sealEnvelope(broadcast, metadata, route, join(u8(kinds.BROADCAST), signature, body)),
  };
}

interface OpenEpoch {
  epoch: number;
  key: Uint8Array;
  /** when a newer one took its place */
  endedMs: number | undefined;
}

export class TwinBroadcastReader {
  readonly #signing: Uint8Array;
  readonly #window = new ReplayWindow();
  #epochs: OpenEpoch[] = [];

  constructor(signingPublicKey: Uint8Array) {
    this.#signing = signingPublicKey;
  }

  /** From WELCOME. */
  set(epoch: number, key: Uint8Array, _head: number): void {
    this.#epochs = [{ epoch, key, endedMs: undefined }];
  }

  /** From EPOCH. */
  advance(epoch: number, key: Uint8Array, _head: number, nowMs: number): void {
    const current = this.#epochs[0];
    refuseUnless(current === undefined || epoch > current.epoch, 'epoch.rollback');
    this.#epochs = [{ epoch, key, endedMs: undefined }, ...(current ? [{ ...current, endedMs: nowMs }] : [])];
  }

  open(topic: Uint8Array, frame: Uint8Array, nowMs: number): { number: number; command: Body } {
    const live = this.#epochs.filter(({ endedMs }) => endedMs === undefined || nowMs < endedMs + overlapMs);
    const find = (keyId: Uint8Array) =>
      live.find(({ key }) => same(epochKeys(key).epochId, keyId) && same(epochKeys(key).epochTopic, topic));
    const opened = openEnvelope(frame, {
      frameMax: dataFrameMax,
      kinds: [kinds.BROADCAST],
      sequenceMax: 2n ** 53n - 1n,
      key: (keyId) => {
        const epoch = find(keyId);
        return (
          epoch && { key: epochKeys(epoch.key).broadcast, route: groupRoute(masterId(this.#signing), epoch.epoch) }
        );
      },
    });
    checkInnerKind(opened);
    const [signature, body] = [opened.body.slice(0, 64), opened.body.slice(64)];
    const { epoch } = find(opened.keyId) ?? refuse('key.unknown');
    refuseUnless(
      ed25519Verify(this.#signing, signature, broadcastSigned(opened.metadata, epoch, body)),
      'signature.broadcast',
    );
    this.#window.take(opened.sequence);
    const command = checkBody('command', decode(body));
    const target = command['target'];
    refuseUnless(target instanceof Uint8Array && toHex(target) === toHex(everyone), 'command.target');
    return { number: Number(opened.sequence), command };
  }
}
