import { describe, expect, it } from 'vitest';
import { encodeBody } from '@sealcast/channel/body';
import { rekeyAfterMessages, sessionMaxMessages } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { kinds, readKeyId } from '@sealcast/channel/frame';
import { commandSchema } from '@sealcast/channel/payloads';
import { Session, type Message, type SessionKeys } from '@sealcast/channel/session';
import { commandTo, hex, joinFully, newDoor, refusalOf, sample } from './parties.ts';
import { rawEnvelope, type RawEnvelope } from './raw-envelope.ts';

const leave: Message = { kind: 'leave', body: {} };
const ack: Message = { kind: 'ack', body: { through: 0, head: 0, epoch: 1, time: 1 } };

type Keys = Omit<SessionKeys, 'role'>;

function pair(sent = 0): { node: Session; master: Session; keys: Keys } {
  const keys = {
    keyId: systemEntropy.bytes(8),
    topic: systemEntropy.bytes(16),
    nodeId: systemEntropy.bytes(16),
    masterId: systemEntropy.bytes(16),
    up: systemEntropy.bytes(32),
    down: systemEntropy.bytes(32),
    sent,
  };
  const node = new Session({ ...keys, role: 'node' }, systemEntropy);
  const master = new Session({ ...keys, role: 'master' }, systemEntropy);
  return { node, master, keys };
}

/** An envelope as the node would make it, but for what is changed. */
function fromNode(keys: Keys, change: Partial<RawEnvelope>): Uint8Array {
  const honest = {
    key: keys.up,
    keyId: keys.keyId,
    outer: kinds.leave,
    inner: kinds.leave,
    sequence: 1n,
    body: Uint8Array.of(0xa0),
    direction: 1,
    sender: keys.nodeId,
    target: keys.masterId,
    epoch: 0n,
  };
  return rawEnvelope({ ...honest, ...change });
}

describe('a session', () => {
  it('counts what it seals and the highest it took', () => {
    const { node, master } = pair();
    const frames = [node.seal(leave), node.seal(leave), node.seal(leave)];
    expect(node.sent).toBe(3);
    master.open(frames[2]!);
    expect(master.received).toBe(3);
    master.open(frames[0]!);
    expect(master.received).toBe(3);
    expect(node.received).toBe(0);
    expect(master.sent).toBe(0);
  });

  it('takes each frame once, in any order', () => {
    const { node, master } = pair();
    const frames = Array.from({ length: 10 }, () => node.seal(leave));
    for (const frame of frames.toReversed()) expect(master.open(frame)).toEqual(leave);
    for (const frame of frames) expect(refusalOf(() => master.open(frame))).toBe('sequence.replayed');
  });

  it('refuses an authentic frame that lies behind the window', () => {
    const { node, master } = pair();
    const first = node.seal(leave);
    const second = node.seal(leave);
    for (let count = 0; count < 1023; count++) node.seal(leave);
    master.open(node.seal(leave));
    expect(master.received).toBe(1026);
    expect(refusalOf(() => master.open(second))).toBe('sequence.replayed');
    expect(refusalOf(() => master.open(first))).toBe('sequence.replayed');
  });

  it('never seals twice under one nonce, nor shows more than the metadata', () => {
    const { node } = pair();
    const frames = Array.from({ length: 100 }, () => node.seal({ kind: 'report', body: { samples: [sample] } }));
    expect(new Set(frames.map((frame) => hex(frame.subarray(20, 32)))).size).toBe(100);
    expect(frames.every((frame) => !Buffer.from(frame).includes('ext4'))).toBe(true);
  });

  it('refuses its own frames that come back to it', () => {
    const { node, master } = pair();
    expect(refusalOf(() => node.open(node.seal(leave)))).toBe('frame.kind');
    expect(refusalOf(() => master.open(master.seal(ack)))).toBe('frame.kind');
  });

  it('refuses a reflected frame whose kind was changed to one that it takes', () => {
    const { node } = pair();
    const frame = Uint8Array.from(node.seal(leave));
    frame[2] = kinds.ack;
    expect(refusalOf(() => node.open(frame))).toBe('seal.open');
  });

  it("refuses another session's frames, by key id and by key", () => {
    const [mine, other] = [pair(), pair()];
    const frame = Uint8Array.from(other.node.seal(leave));
    expect(refusalOf(() => mine.master.open(frame))).toBe('key.unknown');
    frame.set(mine.keys.keyId, 4);
    expect(refusalOf(() => mine.master.open(frame))).toBe('seal.open');
  });

  it('opens an envelope that was written by the page alone', () => {
    const { master, keys } = pair();
    expect(master.open(fromNode(keys, {}))).toEqual(leave);
  });

  it.each<[string, (keys: Keys) => Partial<RawEnvelope>]>([
    ['the direction', () => ({ direction: 2 })],
    ['the sender', () => ({ sender: systemEntropy.bytes(16) })],
    ['the target', (keys) => ({ target: keys.nodeId })],
    ['the epoch', () => ({ epoch: 1n })],
    ['the key', (keys) => ({ key: keys.down })],
  ])('binds %s', (_, change) => {
    const { master, keys } = pair();
    expect(refusalOf(() => master.open(fromNode(keys, change(keys))))).toBe('seal.open');
    expect(master.received).toBe(0);
  });

  it('refuses a sealed kind that is not the one in the clear, and takes its sequence', () => {
    const { master, keys } = pair();
    const frame = fromNode(keys, { outer: kinds.leave, inner: kinds.report });
    expect(refusalOf(() => master.open(frame))).toBe('payload.kind');
    expect(refusalOf(() => master.open(frame))).toBe('sequence.replayed');
  });

  it('gives an authentic message with a wrong body no second chance', () => {
    const { master, keys } = pair();
    const encoding = fromNode(keys, { sequence: 1n, body: Uint8Array.of(0xbf, 0xff) });
    const schema = fromNode(keys, { sequence: 2n, body: Uint8Array.of(0x80) });
    const empty = fromNode(keys, { sequence: 3n, body: new Uint8Array(0) });
    expect(refusalOf(() => master.open(encoding))).toBe('payload.encoding');
    expect(refusalOf(() => master.open(schema))).toBe('payload.schema');
    expect(refusalOf(() => master.open(empty))).toBe('payload.encoding');
    for (const frame of [encoding, schema, empty])
      expect(refusalOf(() => master.open(frame))).toBe('sequence.replayed');
    expect(master.received).toBe(3);
  });

  it.each([0n, BigInt(sessionMaxMessages) + 1n, 2n ** 32n, 2n ** 53n, 2n ** 64n - 1n])(
    'refuses sequence %i',
    (sequence) => {
      const { master, keys } = pair();
      expect(refusalOf(() => master.open(fromNode(keys, { sequence })))).toBe('sequence.limit');
      expect(master.received).toBe(0);
    },
  );

  it('seals and opens up to its last message, and no further', () => {
    const { node, master } = pair(sessionMaxMessages - 1);
    expect(master.open(node.seal(leave))).toEqual(leave);
    expect(node.sent).toBe(sessionMaxMessages);
    expect(master.received).toBe(sessionMaxMessages);
    expect(() => node.seal(leave)).toThrow(`session: has sealed ${sessionMaxMessages} messages`);
    expect(sessionMaxMessages).toBeGreaterThan(rekeyAfterMessages);
  });

  it('does not send what is not its to send', () => {
    const { node, master } = pair();
    expect(() => node.seal(ack)).toThrow('session: this side does not send kind 32');
    expect(() => master.seal(leave)).toThrow('session: this side does not send kind 20');
    expect(() => node.sealEncoded(kinds.broadcast, new Uint8Array(1))).toThrow(/does not send/);
    expect(node.sent).toBe(0);
  });

  it('carries commands for its own node alone', () => {
    const { node, master, keys } = pair();
    const command: Message = { kind: 'command', body: commandTo(node.nodeId) };
    expect(node.open(master.seal(command))).toEqual(command);
    for (const target of [new Uint8Array(16), systemEntropy.bytes(16)]) {
      const body = commandTo(target);
      expect(() => master.seal({ kind: 'command', body })).toThrow(/as its target/);
      const frame = master.sealEncoded(kinds.command, encodeBody(commandSchema, body));
      expect(refusalOf(() => node.open(frame))).toBe('command.target');
    }
    expect(hex(keys.nodeId)).toBe(hex(node.nodeId));
  });

  it('does not seal a body above the limit of a frame, and spends no sequence on it', () => {
    const { node } = pair();
    const fits = new Uint8Array(65_536 - 49);
    expect(node.sealEncoded(kinds.report, fits)).toHaveLength(65_536);
    expect(() => node.sealEncoded(kinds.report, new Uint8Array(fits.length + 1))).toThrow(/above 65536/);
    expect(node.sent).toBe(1);
  });

  it('refuses a frame above the limit before anything else', () => {
    const { master } = pair();
    expect(refusalOf(() => master.open(new Uint8Array(65_537)))).toBe('frame.length');
    expect(refusalOf(() => master.open(new Uint8Array(65_536)))).toBe('frame.version');
  });

  it('opens nothing and seals nothing once erased, and its keys are gone', () => {
    const { node, master } = joinFully(newDoor());
    const frame = node.seal(leave);
    master.erase();
    expect(refusalOf(() => master.open(frame))).toBe('key.unknown');
    expect(() => master.seal(ack)).toThrow('session: erased');
  });

  it('keeps keys and names of its own, which erasing those it was made from does not touch', () => {
    const { node, keys, master } = pair();
    const frame = node.seal(leave);
    for (const part of [keys.up, keys.down, keys.keyId, keys.nodeId, keys.masterId]) part.fill(0);
    expect(master.open(frame)).toEqual(leave);
  });

  it.each(['keyId', 'topic', 'nodeId', 'masterId', 'up', 'down'] as const)('is not made with a short %s', (part) => {
    const { keys } = pair();
    expect(() => new Session({ ...keys, [part]: keys[part].subarray(1), role: 'node' }, systemEntropy)).toThrow(
      /expected/,
    );
  });

  it('is found by the key id of a frame, whose header is checked first', () => {
    const { node, master } = pair();
    const up = node.seal(leave);
    expect(hex(readKeyId(up, 'node'))).toBe(hex(node.keyId));
    expect(refusalOf(() => readKeyId(up, 'master'))).toBe('frame.kind');
    expect(hex(readKeyId(master.seal(ack), 'master'))).toBe(hex(node.keyId));
    expect(refusalOf(() => readKeyId(new Uint8Array(3), 'node'))).toBe('frame.length');
  });
});

describe('rekeying', () => {
  it('is joining again beside the live session, and both open until the old one is erased', () => {
    const door = newDoor();
    const old = joinFully(door);
    const late = old.node.seal(leave);
    const fresh = joinFully(door, old.identity);
    expect(fresh.master.open(fresh.node.seal(leave))).toEqual(leave);
    expect(old.master.open(late)).toEqual(leave);
    expect(old.master.open(old.node.seal(leave))).toEqual(leave);
    old.master.erase();
    expect(refusalOf(() => old.master.open(old.node.seal(leave)))).toBe('key.unknown');
    expect(fresh.master.open(fresh.node.seal(leave))).toEqual(leave);
    expect(fresh.node.sent).toBe(2);
  });
});
