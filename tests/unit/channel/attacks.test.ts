import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { pendingJoins } from '@sealcast/channel/constants';
import { encode } from '@sealcast/channel/cbor';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster, BroadcastReader } from '@sealcast/channel/epoch';
import { kinds } from '@sealcast/channel/frame';
import { everyone } from '@sealcast/channel/ids';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import {
  commandTo,
  flipped,
  hex,
  joinFully,
  masterKeys,
  newDoor,
  newNode,
  offered,
  pinned,
  refusalOf,
  sample,
} from './parties.ts';

const page = readFileSync(new URL('../../../PROTOCOL.md', import.meta.url), 'utf8');
const attacks = page.split('## Attacks, and what stops each')[1] ?? '';

const leave = { kind: 'leave', body: {} } as const;

function knock(identity = newNode(), code: Uint8Array = systemEntropy.bytes(16)): NodeJoin {
  return new NodeJoin(pinned, identity, code, systemEntropy);
}

// Each test has the name of an attack in PROTOCOL.md; the whole of each is in tests/attacks, what the channel alone does against it is here.
beforeEach(({ task }) => {
  if (!attacks.includes(`| ${task.name} |`)) throw new Error('expected the name of an attack in PROTOCOL.md');
});

describe('an attack', () => {
  it('a middle reads, also a relay or whoever breaks CURVE', () => {
    const door = newDoor();
    const code = door.book.invite();
    const node = knock(newNode(), code);
    const offer = door.joins.hello(node.hello, 0).frame;
    const confirm = offered(node, offer);
    const { frame: welcome, joined } = door.joins.confirm(confirm, 0, door.book.enrol);
    const last = node.receive(welcome);
    if (last.type !== 'welcome' || !joined) throw new Error('expected a welcome');
    const report = last.session.seal({ kind: 'report', body: { samples: [sample] } });
    const seen = Buffer.concat([node.hello, offer, confirm, welcome, report]);
    const secrets = [code, joined.applicant.id, joined.applicant.identity, last.welcome.key, Buffer.from('eth0')];
    expect(secrets.map((secret) => seen.includes(secret))).toEqual(secrets.map(() => false));
  });

  it('a middle alters', () => {
    const { node, master } = joinFully(newDoor());
    const frame = node.seal(leave);
    for (let at = 0; at < frame.length; at++) refusalOf(() => master.open(flipped(frame, at)));
    expect(master.received).toBe(0);
    expect(master.open(frame)).toEqual(leave);
  });

  it('a middle repeats, reorders, reflects', () => {
    const { node, master } = joinFully(newDoor());
    const [first, second] = [node.seal(leave), node.seal(leave)];
    expect(master.open(second)).toEqual(leave);
    expect(master.open(first)).toEqual(leave);
    expect(refusalOf(() => master.open(first))).toBe('sequence.replayed');
    expect(refusalOf(() => node.open(first))).toBe('frame.kind');
    const disguised = Uint8Array.from(first);
    disguised[2] = kinds.ack;
    expect(refusalOf(() => node.open(disguised))).toBe('seal.open');
  });

  it('a middle offers an older version or other keys', () => {
    const door = newDoor();
    const node = knock(newNode(), door.book.invite());
    expect(refusalOf(() => door.joins.hello(flipped(node.hello, 0), 0))).toBe('frame.version');
    expect(refusalOf(() => door.joins.hello(flipped(node.hello, 1), 0))).toBe('frame.suite');
    const offer = door.joins.hello(node.hello, 0).frame;
    expect(refusalOf(() => node.receive(flipped(offer, 0)))).toBe('frame.version');
    // Another X25519 key, another ML-KEM ciphertext.
    for (const at of [4, 36]) expect(refusalOf(() => node.receive(flipped(offer, at)))).toBe('seal.open');
  });

  it("somebody answers in the master's place", () => {
    const impostor = { ...masterKeys, signingPrivate: newNode().privateKey };
    const joins = new MasterJoins(impostor, systemEntropy, () => undefined);
    const node = knock();
    expect(refusalOf(() => node.receive(joins.hello(node.hello, 0).frame))).toBe('signature.offer');
  });

  it('a recorded join is sent again, also after a restart', () => {
    const door = newDoor();
    const identity = newNode();
    const recorded = knock(identity, door.book.invite());
    const confirm = offered(recorded, door.joins.hello(recorded.hello, 0).frame);
    const { joined } = door.joins.confirm(confirm, 0, door.book.enrol);
    recorded.erase();
    const later = 3_600_000;
    const offer = door.joins.hello(recorded.hello, later);
    expect(offer.frame).toHaveLength(1225);
    expect(refusalOf(() => recorded.receive(offer.frame))).toBe('key.unknown');
    expect(refusalOf(() => door.joins.confirm(confirm, later, door.book.enrol))).toBe('key.unknown');
    expect(door.book.enrolled).toBe(1);
    expect(joined?.session.seal({ kind: 'command', body: commandTo(identity.id) })).toBeDefined();
  });

  it("a master passes a node's HELLO on to another master", () => {
    // The two share the RSA key, which the HELLO alone would not tell apart.
    const other = newNode();
    const second = { ...masterKeys, signingPrivate: other.privateKey, signingPublic: other.publicKey };
    const joins = new MasterJoins(second, systemEntropy, () => undefined);
    expect(refusalOf(() => joins.hello(knock().hello, 0))).toBe('join.open');
    expect(joins.pending).toBe(0);
  });

  it('an invite that is spent, expired, withdrawn, guessed', () => {
    const door = newDoor();
    const code = door.book.invite();
    joinFully(door, newNode(), code);
    expect(door.joins.hello(knock(newNode(), code).hello, 0).refused).toBe('join.invite-spent');
    expect(door.joins.hello(knock().hello, 0).refused).toBe('join.invite');
    const late = new MasterJoins(masterKeys, systemEntropy, () => 'join.invite-expired');
    expect(late.hello(knock().hello, 0).refused).toBe('join.invite-expired');
  });

  it("somebody takes a known node's id", () => {
    const door = newDoor();
    const { node, master, identity } = joinFully(door);
    const thief = knock({ ...newNode(), id: identity.id }, door.book.invite());
    expect(door.joins.hello(thief.hello, 0).refused).toBe('join.identity');
    expect(master.open(node.seal(leave))).toEqual(leave);
  });

  it('an RSA padding oracle', () => {
    const door = newDoor();
    const { hello } = knock(newNode(), door.book.invite());
    const codes = Array.from({ length: 32 }, (_, at) =>
      refusalOf(() => door.joins.hello(flipped(hello, 4 + 8 * at), 0)),
    );
    expect(new Set(codes)).toEqual(new Set(['join.open']));
    expect(refusalOf(() => door.joins.hello(flipped(hello, 300), 0))).toBe('join.open');
  });

  it('a member forges a broadcast', () => {
    const key = systemEntropy.bytes(32);
    const reader = new BroadcastReader(masterKeys.signingPublic);
    reader.set(1, key, 0);
    const member = new Broadcaster({ ...masterKeys, signingPrivate: newNode().privateKey }, systemEntropy);
    member.begin(1, key);
    const { topic, frame } = member.seal(9, commandTo(everyone));
    expect(refusalOf(() => reader.open(topic, frame, 0))).toBe('signature.broadcast');
    expect(reader.head).toBe(0);
  });

  it("a member reads another's session", () => {
    const door = newDoor();
    const [mine, other] = [joinFully(door), joinFully(door)];
    const frame = other.master.seal({ kind: 'command', body: commandTo(other.identity.id) });
    expect(refusalOf(() => mine.node.open(frame))).toBe('key.unknown');
    const renamed = Uint8Array.from(frame);
    renamed.set(mine.node.keyId, 4);
    expect(refusalOf(() => mine.node.open(renamed))).toBe('seal.open');
  });

  it('a newcomer reads broadcasts recorded before it joined', () => {
    const broadcaster = new Broadcaster(masterKeys, systemEntropy);
    broadcaster.begin(1, systemEntropy.bytes(32));
    const recorded = broadcaster.seal(1, commandTo(everyone));
    const key = systemEntropy.bytes(32);
    broadcaster.begin(2, key);
    const newcomer = new BroadcastReader(masterKeys.signingPublic);
    newcomer.set(2, key, 1);
    expect(refusalOf(() => newcomer.open(recorded.topic, recorded.frame, 0))).toBe('key.unknown');
  });

  it('hostile CBOR', () => {
    const { node, master } = joinFully(newDoor());
    const bombs = [
      new Uint8Array(60_000).fill(0x81),
      Uint8Array.of(0x9b, 0, 0, 0, 1, 0, 0, 0, 0),
      Uint8Array.of(0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0x5b, 0, 0, 0, 0xff, 0, 0, 0, 0),
      new Uint8Array(60_000).fill(0xc1),
      new Uint8Array(60_000).fill(0x9f),
    ];
    for (const bomb of bombs) {
      expect(refusalOf(() => master.open(node.sealEncoded(kinds.report, bomb)))).toBe('payload.encoding');
    }
    const closed = encode({ samples: [], more: 1 });
    expect(refusalOf(() => master.open(node.sealEncoded(kinds.report, closed)))).toBe('payload.schema');
    expect(master.open(node.seal(leave))).toEqual(leave);
  });

  it('a nonce that is used twice', () => {
    const door = newDoor();
    const { node, identity } = joinFully(door);
    const nonces = Array.from({ length: 500 }, () => hex(node.seal(leave).subarray(20, 32)));
    expect(new Set(nonces).size).toBe(500);
    const { node: next } = joinFully(door, identity);
    expect(hex(next.keyId)).not.toBe(hex(node.keyId));
  });

  it('a flood of joins', () => {
    const joins = new MasterJoins(masterKeys, systemEntropy, () => undefined);
    const { hello } = knock();
    for (let count = 0; count < 2 * pendingJoins; count++) joins.hello(hello, 0);
    expect(joins.pending).toBe(1);
    for (const length of [1697, 1699, 60_000]) {
      const other = new Uint8Array(length);
      other.set(hello.subarray(0, 1697));
      expect(refusalOf(() => joins.hello(other, 0))).toBe('frame.length');
    }
  });

  it('traffic analysis', () => {
    const door = newDoor();
    const first = joinFully(door);
    const second = joinFully(door, first.identity);
    expect(hex(first.node.topic)).not.toBe(hex(second.node.topic));
    const frame = first.node.seal({ kind: 'report', body: { samples: [sample] } });
    const known = [first.identity.id, first.node.topic, Buffer.from('cores')];
    expect(known.map((part) => Buffer.from(frame).includes(part))).toEqual([false, false, false]);
  });
});
