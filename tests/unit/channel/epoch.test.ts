import { sign } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeBody } from '@sealcast/channel/body';
import { overlapMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster, BroadcastReader, EpochKey } from '@sealcast/channel/epoch';
import { kinds } from '@sealcast/channel/frame';
import { everyone } from '@sealcast/channel/ids';
import { epochKeys } from '@sealcast/channel/keys';
import { masterId } from '@sealcast/channel/master-keys';
import { commandSchema } from '@sealcast/channel/payloads';
import { commandTo, hex, masterKeys, newNode, refusalOf } from './parties.ts';
import { rawEnvelope, rawMetadata, u64, type RawEnvelope } from './raw-envelope.ts';

const key = systemEntropy.bytes(32);
let broadcaster: Broadcaster;
let reader: BroadcastReader;

beforeEach(() => {
  broadcaster = new Broadcaster(masterKeys, systemEntropy);
  reader = new BroadcastReader(masterKeys.signingPublic);
  broadcaster.begin(1, key);
  reader.set(1, key, 0);
});

function broadcast(number: number) {
  const command = commandTo(everyone);
  return { ...broadcaster.seal(number, command), command };
}

function read({ topic, frame }: { topic: Uint8Array; frame: Uint8Array }, nowMs = 0): number {
  return reader.open(topic, frame, nowMs).number;
}

interface Forgery extends Partial<RawEnvelope> {
  signer?: typeof masterKeys.signingPrivate;
  /** What the signature covers, where that is not what is sent. */
  signed?: { metadata?: Buffer; epoch?: bigint; command?: Uint8Array };
  signature?: Uint8Array;
}

/** What a member can make, who holds the epoch key: a BROADCAST by hand, signed by whom it likes. */
function byHand(number: bigint, change: Forgery = {}): { topic: Uint8Array; frame: Uint8Array } {
  const { broadcast: sealing, keyId, topic } = epochKeys(key);
  const outer = change.outer ?? kinds.broadcast;
  const metadata = rawMetadata(outer, keyId, number);
  const command = change.body ?? encodeBody(commandSchema, commandTo(everyone));
  const message = Buffer.concat([
    Buffer.from('sealcast/1 broadcast\0'),
    change.signed?.metadata ?? metadata,
    u64(change.signed?.epoch ?? 1n),
    change.signed?.command ?? command,
  ]);
  const signature = change.signature ?? sign(null, message, change.signer ?? masterKeys.signingPrivate);
  const honest = {
    key: sealing,
    keyId,
    outer,
    inner: kinds.broadcast,
    sequence: number,
    direction: 3,
    sender: masterId(masterKeys.signingPublic),
    target: everyone,
    epoch: 1n,
  };
  return { topic, frame: rawEnvelope({ ...honest, ...change, body: Buffer.concat([signature, command]) }, metadata) };
}

describe('a broadcast', () => {
  it('is read by everyone who has the epoch, once', () => {
    const sent = broadcast(1);
    expect(hex(sent.topic)).toBe(hex(reader.topics(0)[0]!));
    expect(reader.open(sent.topic, sent.frame, 0)).toEqual({ number: 1, command: sent.command });
    expect(refusalOf(() => read(sent))).toBe('sequence.replayed');
    const other = new BroadcastReader(masterKeys.signingPublic);
    other.set(1, key, 0);
    expect(other.open(sent.topic, sent.frame, 0).number).toBe(1);
  });

  it('is read where it was written by the page alone', () => {
    expect(read(byHand(1n))).toBe(1);
  });

  it('that another member forged is refused, and uses no number up', () => {
    expect(refusalOf(() => read(byHand(1n, { signer: newNode().privateKey })))).toBe('signature.broadcast');
    expect(refusalOf(() => read(byHand(5000n, { signer: newNode().privateKey })))).toBe('signature.broadcast');
    expect(read(broadcast(1))).toBe(1);
    expect(reader.head).toBe(1);
  });

  it.each<[string, Forgery]>([
    ['number and nonce', { signed: { metadata: rawMetadata(kinds.broadcast, epochKeys(key).keyId, 1n) } }],
    ['epoch', { signed: { epoch: 2n } }],
    ['command', { signed: { command: new Uint8Array(10) } }],
  ])('is bound to its %s by the signature', (_, change) => {
    expect(refusalOf(() => read(byHand(1n, change)))).toBe('signature.broadcast');
    expect(read(byHand(1n))).toBe(1);
  });

  it.each<[string, Partial<RawEnvelope>]>([
    ['direction', { direction: 2 }],
    ['sender', { sender: everyone }],
    ['target', { target: masterId(masterKeys.signingPublic) }],
    ['epoch', { epoch: 2n }],
  ])('is bound to its %s by the seal', (_, change) => {
    expect(refusalOf(() => read(byHand(1n, change)))).toBe('seal.open');
  });

  it('shorter than a signature is refused as one without', () => {
    const none = new Uint8Array(0);
    expect(refusalOf(() => read(byHand(1n, { signature: none, body: none })))).toBe('signature.broadcast');
    expect(refusalOf(() => read(byHand(1n, { signature: new Uint8Array(63), body: none })))).toBe(
      'signature.broadcast',
    );
    expect(read(byHand(1n))).toBe(1);
  });

  it('of another sealed kind is refused, and uses no number up', () => {
    expect(refusalOf(() => read(byHand(1n, { inner: kinds.command })))).toBe('payload.kind');
    expect(read(byHand(1n))).toBe(1);
  });

  it('that the master signed with a wrong body is refused, and its number is taken', () => {
    const schema = byHand(1n, { body: Uint8Array.of(0xa0) });
    const encoding = byHand(2n, { body: Uint8Array.of(0xbf, 0xff) });
    const target = byHand(3n, { body: encodeBody(commandSchema, commandTo(systemEntropy.bytes(16))) });
    expect(refusalOf(() => read(schema))).toBe('payload.schema');
    expect(refusalOf(() => read(encoding))).toBe('payload.encoding');
    expect(refusalOf(() => read(target))).toBe('command.target');
    for (const sent of [schema, encoding, target]) expect(refusalOf(() => read(sent))).toBe('sequence.replayed');
  });

  it.each([0n, 2n ** 53n, 2n ** 64n - 1n])('of number %i is refused', (number) => {
    expect(refusalOf(() => read(byHand(number)))).toBe('sequence.limit');
  });

  it('of number 2⁵³−1 is read', () => {
    expect(read(byHand(2n ** 53n - 1n))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('under a topic that is not its own is refused', () => {
    const { frame, topic } = broadcast(1);
    expect(refusalOf(() => reader.open(new Uint8Array(16), frame, 0))).toBe('key.unknown');
    expect(refusalOf(() => reader.open(Buffer.concat([topic, Buffer.of(0)]), frame, 0))).toBe('key.unknown');
    expect(refusalOf(() => reader.open(topic.subarray(0, 15), frame, 0))).toBe('key.unknown');
  });

  it('of another master is refused, also where it has the epoch key', () => {
    const other = new BroadcastReader(newNode().publicKey);
    other.set(1, key, 0);
    const { topic, frame } = broadcast(1);
    expect(refusalOf(() => other.open(topic, frame, 0))).toBe('seal.open');
  });

  it('before the first WELCOME is refused', () => {
    const { topic, frame } = broadcast(1);
    expect(refusalOf(() => new BroadcastReader(masterKeys.signingPublic).open(topic, frame, 0))).toBe('key.unknown');
  });
});

describe('the broadcaster', () => {
  it('takes each number once, and only upwards', () => {
    broadcast(5);
    for (const number of [5, 4, 0, -1, 1.5, 2 ** 53])
      expect(() => broadcast(number)).toThrow('expected a number above 5');
    broadcaster.begin(2, systemEntropy.bytes(32));
    expect(() => broadcast(5)).toThrow('expected a number above 5');
  });

  it('counts what each epoch has sealed', () => {
    expect(broadcaster.sealed).toBe(0);
    broadcast(4);
    broadcast(9);
    expect(() => broadcast(9)).toThrow(/above 9/);
    expect(broadcaster.sealed).toBe(2);
    broadcaster.begin(2, systemEntropy.bytes(32));
    expect(broadcaster.sealed).toBe(0);
  });

  it('begins only newer epochs', () => {
    expect(() => broadcaster.begin(1, key)).toThrow('epoch: expected one above 1, got 1');
    expect(() => new Broadcaster(masterKeys, systemEntropy).begin(0, key)).toThrow(/^epoch: /);
    expect(() => broadcaster.begin(2, new Uint8Array(31))).toThrow('epoch key: expected 32 bytes, got 31');
  });

  it('seals nothing before an epoch, and for nobody but everyone', () => {
    const idle = new Broadcaster(masterKeys, systemEntropy);
    expect(() => idle.seal(1, commandTo(everyone))).toThrow('broadcast: no epoch has begun');
    expect(() => broadcaster.seal(1, commandTo(newNode().id))).toThrow('broadcast: expected everyone as the target');
  });
});

describe('an epoch', () => {
  const next = systemEntropy.bytes(32);

  it('has an id, a topic and a key that tell nothing of each other', () => {
    const [first, second] = [new EpochKey(1, key), new EpochKey(1, next)];
    expect(first.keyId).toHaveLength(8);
    expect(first.topic).toHaveLength(16);
    expect(hex(first.topic)).not.toContain(hex(first.keyId));
    expect(hex(first.topic)).not.toBe(hex(second.topic));
  });

  it('gives way to the next, and stays open for a while', () => {
    const [old, late] = [broadcast(1), broadcast(2)];
    broadcaster.begin(2, next);
    reader.advance(2, next, 2, 1000);
    expect(reader.epoch).toBe(2);
    expect(reader.topics(1000)).toHaveLength(2);
    expect(read(old, 1000 + overlapMs - 1)).toBe(1);
    expect(refusalOf(() => read(late, 1000 + overlapMs))).toBe('key.unknown');
    expect(reader.topics(1000 + overlapMs)).toHaveLength(1);
    expect(read(broadcast(3), 1000 + overlapMs)).toBe(3);
  });

  it('never goes back, nor stays, by EPOCH', () => {
    reader.advance(3, next, 0, 0);
    for (const epoch of [1, 2, 3]) expect(refusalOf(() => reader.advance(epoch, key, 0, 0))).toBe('epoch.rollback');
    expect(reader.epoch).toBe(3);
    expect(refusalOf(() => read(broadcast(1), overlapMs))).toBe('key.unknown');
  });

  it('is set by a WELCOME, also to a lower number, and what was open is closed', () => {
    const sent = broadcast(1);
    reader.set(7, next, 0);
    expect(refusalOf(() => read(sent))).toBe('key.unknown');
    reader.set(1, key, 0);
    expect(reader.epoch).toBe(1);
    expect(read(sent)).toBe(1);
  });

  it('that a WELCOME only repeats leaves the one before open', () => {
    const sent = broadcast(1);
    reader.advance(2, next, 0, 0);
    reader.set(2, next, 0);
    expect(read(sent, 1)).toBe(1);
  });

  it('shares its numbers with all others, so that none is read twice', () => {
    read(broadcast(1));
    reader.advance(2, next, 1, 0);
    const again = new Broadcaster(masterKeys, systemEntropy);
    again.begin(2, next);
    expect(refusalOf(() => read(again.seal(1, commandTo(everyone))))).toBe('sequence.replayed');
    expect(read(again.seal(2, commandTo(everyone)))).toBe(2);
  });

  it('is closed by erasing', () => {
    const sent = broadcast(1);
    reader.erase();
    expect(reader.epoch).toBe(0);
    expect(reader.topics(0)).toEqual([]);
    expect(refusalOf(() => read(sent))).toBe('key.unknown');
  });
});

describe('what is missing', () => {
  it('is nothing where nothing was left out', () => {
    expect(reader.missing(0)).toEqual([]);
    read(broadcast(1));
    expect(reader.missing(1)).toEqual([]);
  });

  it('is each number that a broadcast or a head left out, once', () => {
    read(broadcast(1));
    read(broadcast(4));
    expect(reader.missing(4)).toEqual([2, 3]);
    expect(reader.missing(4)).toEqual([]);
    expect(reader.missing(6)).toEqual([5, 6]);
    expect(reader.missing(5)).toEqual([]);
  });

  it('is at most the newest 64', () => {
    const numbers = reader.missing(1000);
    expect(numbers).toHaveLength(64);
    expect(numbers[0]).toBe(937);
    expect(numbers.at(-1)).toBe(1000);
  });

  it('is nothing that a WELCOME already counted, since that comes without being asked for', () => {
    reader.set(1, key, 90);
    expect(reader.head).toBe(90);
    expect(reader.missing(90)).toEqual([]);
    expect(reader.missing(92)).toEqual([91, 92]);
  });

  it('may still come by itself after it was asked for', () => {
    const [first, second] = [broadcast(1), broadcast(2)];
    read(second);
    expect(reader.missing(2)).toEqual([1]);
    expect(read(first)).toBe(1);
  });

  it('is found quickly under the highest head that can be', () => {
    expect(reader.missing(Number.MAX_SAFE_INTEGER)).toHaveLength(64);
  });
});
