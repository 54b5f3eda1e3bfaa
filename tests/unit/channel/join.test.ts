import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pendingJoinMs, pendingJoins, pendingJoinsPerNode } from '@sealcast/channel/constants';
import { systemEntropy, type Entropy } from '@sealcast/channel/entropy';
import { EnvelopeKey } from '@sealcast/channel/envelope';
import { Refusal } from '@sealcast/channel/errors';
import { kinds } from '@sealcast/channel/frame';
import type { HopSecret } from '@sealcast/channel/hop-key';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import { masterId } from '@sealcast/channel/master-keys';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import type { Message } from '@sealcast/channel/session';
import {
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
  welcome,
  type Door,
} from './parties.ts';

let door: Door;
beforeEach(() => {
  door = newDoor();
});

function plainOf(length: number): HopSecret {
  return { mechanism: 'plain', secret: new Uint8Array(length) };
}

function knock(code: Uint8Array | undefined = door.book.invite(), identity = newNode()): NodeJoin {
  return new NodeJoin(pinned, identity, code, systemEntropy);
}

function diskFull(): never {
  throw new Error('disk full');
}

/** What the node gets to see, and what the master counts. */
function knockedBack(node: NodeJoin): { type: string; refused: string | undefined } {
  const reply = door.joins.hello(node.hello, 0);
  expect(reply.frame).toHaveLength(97);
  expect(hex(reply.topic)).toBe(hex(node.topic));
  return { type: node.receive(reply.frame).type, refused: reply.refused };
}

/** A CONFIRM that the master waits for. */
function confirming(): { confirm: Uint8Array; keyId: Uint8Array } {
  const node = knock();
  const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
  return { confirm, keyId: confirm.subarray(4, 12) };
}

describe('a join', () => {
  it('ends in a session that speaks both ways', () => {
    const identity = newNode();
    const node = knock(door.book.invite(), identity);
    expect(node.hello).toHaveLength(1714);
    const offer = door.joins.receive(node.hello, 0, door.book.enrol);
    expect(offer.frame).toHaveLength(1225);
    expect(hex(offer.topic)).toBe(hex(node.topic));
    expect(door.joins.pending).toBe(1);
    const step = node.receive(offer.frame);
    if (step.type !== 'offer') throw new Error(step.type);
    expect(step.confirm).toHaveLength(113);
    const reply = door.joins.receive(step.confirm, 0, door.book.enrol);
    expect(hex(reply.topic)).toBe(hex(node.topic));
    expect(door.joins.pending).toBe(0);
    const last = node.receive(reply.frame);
    if (last.type !== 'welcome' || !reply.joined) throw new Error(last.type);
    expect(last.welcome).toEqual(welcome);
    const { applicant, session: master } = reply.joined;
    expect(hex(applicant.id)).toBe(hex(identity.id));
    expect(hex(applicant.identity)).toBe(hex(identity.publicKey));
    expect(hex(applicant.hopKey)).toBe(hex(identity.hopKey));
    expect(hex(applicant.instance)).toBe(hex(identity.instance));
    expect(hex(last.session.topic)).toBe(hex(master.topic));
    expect(hex(last.session.topic)).not.toBe(hex(node.topic));
    const report: Message = { kind: 'report', body: { samples: [sample] } };
    const ack: Message = { kind: 'ack', body: { through: 1, head: 0, epoch: 1, time: 1 } };
    expect(master.open(last.session.seal(report))).toEqual(report);
    expect(last.session.open(master.seal(ack))).toEqual(ack);
  });

  it('tells the judge the hash of the invite code and never the code', () => {
    const code = door.book.invite();
    const seen: unknown[] = [];
    const joins = new MasterJoins(masterKeys, systemEntropy, (applicant, nowMs) => {
      seen.push(applicant.inviteHash && hex(applicant.inviteHash), nowMs);
      return undefined;
    });
    joins.hello(knock(code).hello, 42);
    joins.hello(new NodeJoin(pinned, newNode(), undefined, systemEntropy).hello, 43);
    expect(seen).toEqual([createHash('sha256').update(code).digest('hex'), 42, undefined, 43]);
  });

  it('of a node that has joined before needs no invite', () => {
    const { identity } = joinFully(door);
    const node = new NodeJoin(pinned, identity, undefined, systemEntropy);
    const confirm = offered(node, door.joins.hello(node.hello, 1).frame);
    expect(door.joins.confirm(confirm, 1, door.book.enrol).joined).toBeDefined();
  });

  it('makes other keys, topics and key ids each time', () => {
    const first = joinFully(door);
    const second = joinFully(door, first.identity);
    expect(hex(first.node.keyId)).not.toBe(hex(second.node.keyId));
    expect(hex(first.node.topic)).not.toBe(hex(second.node.topic));
    const frame = first.node.seal({ kind: 'leave', body: {} });
    expect(refusalOf(() => second.master.open(frame))).toBe('key.unknown');
  });
});

it('erases what CONFIRM holds, which under PLAIN is the hop secret', () => {
  const open = vi.spyOn(EnvelopeKey.prototype, 'open');
  const node = knock();
  const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
  door.joins.confirm(confirm, 0, door.book.enrol);
  expect(open.mock.results.map(({ value }) => hex(value))).toEqual(['00'.repeat(65)]);
  open.mockRestore();
});

describe('a join that repeats', () => {
  it('answers the same HELLO bytes by the same OFFER bytes, and keeps one join pending', () => {
    const node = knock();
    const first = door.joins.hello(node.hello, 0);
    const second = door.joins.hello(Uint8Array.from(node.hello), pendingJoinMs - 1);
    expect(hex(second.frame)).toBe(hex(first.frame));
    expect(door.joins.pending).toBe(1);
  });

  it('answers the same HELLO bytes by another OFFER once the first is no longer pending', () => {
    const node = knock();
    const first = door.joins.hello(node.hello, 0);
    const second = door.joins.hello(node.hello, pendingJoinMs);
    expect(hex(second.frame)).not.toBe(hex(first.frame));
    expect(door.joins.pending).toBe(1);
    expect(door.joins.confirm(offered(node, second.frame), pendingJoinMs, door.book.enrol).joined).toBeDefined();
  });

  it('answers the same OFFER bytes by the same CONFIRM bytes, and takes no other OFFER any more', () => {
    const node = knock();
    const offer = door.joins.hello(node.hello, 0).frame;
    const other = door.joins.hello(node.hello, pendingJoinMs).frame;
    const confirm = offered(node, offer);
    expect(hex(offered(node, offer))).toBe(hex(confirm));
    expect(refusalOf(() => node.receive(other))).toBe('key.unknown');
  });

  it('answers the same CONFIRM bytes by the same WELCOME bytes, and enrols once', () => {
    const node = knock();
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    const first = door.joins.confirm(confirm, 5, door.book.enrol);
    const second = door.joins.confirm(Uint8Array.from(confirm), 5 + pendingJoinMs - 1, door.book.enrol);
    expect(hex(second.frame)).toBe(hex(first.frame));
    expect(first.joined).toBeDefined();
    expect(second.joined).toBeUndefined();
    expect(door.book.enrolled).toBe(1);
    expect(refusalOf(() => door.joins.confirm(confirm, 5 + pendingJoinMs, door.book.enrol))).toBe('key.unknown');
  });

  it('refuses a CONFIRM that comes too late', () => {
    const node = knock();
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    expect(refusalOf(() => door.joins.confirm(confirm, pendingJoinMs, door.book.enrol))).toBe('key.unknown');
    expect(door.joins.pending).toBe(0);
    expect(door.book.enrolled).toBe(0);
  });

  it('stays pending where enrolling fails, so that the next CONFIRM has it', () => {
    const node = knock();
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    expect(() => door.joins.confirm(confirm, 0, diskFull)).toThrow('disk full');
    expect(door.joins.pending).toBe(1);
    expect(door.joins.confirm(confirm, 0, door.book.enrol).joined).toBeDefined();
  });
});

describe('a join that is refused', () => {
  it.each(['join.removed', 'join.invite', 'join.invite-spent', 'join.invite-expired', 'join.identity'] as const)(
    'for %s looks the same to the node',
    (code) => {
      door = { ...door, joins: new MasterJoins(masterKeys, systemEntropy, () => code) };
      expect(knockedBack(knock())).toEqual({ type: 'refused', refused: code });
      expect(door.joins.pending).toBe(0);
    },
  );

  it('of a known id with another identity leaves the old session alive', () => {
    const old = joinFully(door);
    const thief = { ...newNode(), id: old.identity.id };
    expect(knockedBack(knock(door.book.invite(), thief))).toEqual({ type: 'refused', refused: 'join.identity' });
    const leave = { kind: 'leave', body: {} } as const;
    expect(old.master.open(old.node.seal(leave))).toEqual(leave);
  });

  it('of a known identity with another id is refused', () => {
    const old = joinFully(door);
    const twin = { ...old.identity, id: newNode().id };
    expect(knockedBack(knock(door.book.invite(), twin))).toEqual({ type: 'refused', refused: 'join.identity' });
  });

  it('of a node id that is all zero is refused', () => {
    const nobody = { ...newNode(), id: new Uint8Array(16) };
    expect(knockedBack(knock(door.book.invite(), nobody))).toEqual({ type: 'refused', refused: 'join.key' });
  });

  it('of an identity that did not sign is refused', () => {
    const node = newNode();
    const liar = { ...node, publicKey: newNode().publicKey };
    expect(knockedBack(knock(door.book.invite(), liar))).toEqual({ type: 'refused', refused: 'signature.hello' });
  });

  it('gives an invite to the first CONFIRM, and the second holder a REFUSAL', () => {
    const code = door.book.invite();
    const [first, second] = [knock(code), knock(code)];
    const confirms = [first, second].map((node) => offered(node, door.joins.hello(node.hello, 0).frame));
    const [late, early] = [confirms[0]!, confirms[1]!];
    expect(door.joins.confirm(early, 0, door.book.enrol).joined).toBeDefined();
    const reply = door.joins.confirm(late, 0, door.book.enrol);
    expect(reply).toMatchObject({ refused: 'join.invite-spent' });
    expect(reply.joined).toBeUndefined();
    expect(first.receive(reply.frame)).toEqual({ type: 'refused' });
    expect(hex(door.joins.confirm(late, 0, door.book.enrol).frame)).toBe(hex(reply.frame));
    expect(door.book.enrolled).toBe(1);
    expect(door.joins.pending).toBe(0);
  });

  it('is refused by a REFUSAL too where enrolling refuses', () => {
    const node = knock();
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    const reply = door.joins.confirm(confirm, 0, () => {
      throw new Refusal('join.invite-spent');
    });
    expect(reply).toMatchObject({ refused: 'join.invite-spent' });
    expect(node.receive(reply.frame)).toEqual({ type: 'refused' });
  });

  it('is over for the node, which takes no frame any more', () => {
    const node = knock(systemEntropy.bytes(16));
    const { frame } = door.joins.hello(node.hello, 0);
    expect(node.receive(frame)).toEqual({ type: 'refused' });
    expect(refusalOf(() => node.receive(frame))).toBe('key.unknown');
  });
});

describe('a HELLO', () => {
  it('whose OAEP does not open, whatever is wrong with it, is refused by one code and not answered', () => {
    const { hello } = knock();
    const with256 = (wrapped: Uint8Array) => Buffer.concat([hello.subarray(0, 4), wrapped, hello.subarray(260)]);
    const modulus = Buffer.from(masterKeys.rsa[0].rsaPrivate.export({ format: 'jwk' }).n ?? '', 'base64url');
    const ciphertexts = [
      new Uint8Array(256),
      Buffer.alloc(256, 0xff),
      modulus,
      systemEntropy.bytes(256).fill(0, 0, 1),
      systemEntropy.wrapKey(masterKeys.rsa[0].rsaPrivate, systemEntropy.bytes(31)),
      systemEntropy.wrapKey(masterKeys.rsa[0].rsaPrivate, new Uint8Array(0)),
      systemEntropy.wrapKey(masterKeys.rsa[0].rsaPrivate, systemEntropy.bytes(32)),
    ];
    const codes = ciphertexts.map((wrapped) => refusalOf(() => door.joins.hello(with256(wrapped), 0)));
    expect(codes).toEqual(ciphertexts.map(() => 'join.open'));
    expect(door.joins.pending).toBe(0);
  });

  it('whose OAEP does not open costs the RSA and the seal all the same', () => {
    const drawn: number[] = [];
    const counting: Entropy = {
      ...systemEntropy,
      bytes: (length) => {
        drawn.push(length);
        return systemEntropy.bytes(length);
      },
    };
    const joins = new MasterJoins(masterKeys, counting, () => 'join.invite');
    const { hello } = knock();
    refusalOf(() => joins.hello(flipped(hello, 5), 0));
    expect(drawn.splice(0)).toEqual([32]);
    refusalOf(() => joins.hello(flipped(hello, 1690), 0));
    expect(drawn.splice(0)).toEqual([32]);
  });

  it('for another master does not open', () => {
    const other = { ...pinned, signing: newNode().publicKey };
    const node = new NodeJoin(other, newNode(), door.book.invite(), systemEntropy);
    expect(refusalOf(() => door.joins.hello(node.hello, 0))).toBe('join.open');
  });

  it.each([0, 1, 48, 113, 1697, 1699, 2048, 2049])('of %i bytes is refused', (length) => {
    const frame = new Uint8Array(length);
    frame.set(knock().hello.subarray(0, length));
    expect(refusalOf(() => door.joins.hello(frame, 0))).toBe('frame.length');
    expect(refusalOf(() => door.joins.receive(frame, 0, door.book.enrol))).toBe('frame.length');
  });

  it.each([
    [0, 'frame.version'],
    [1, 'frame.suite'],
    [2, 'frame.kind'],
    [3, 'frame.flags'],
  ] as const)('with byte %i changed is refused with %s', (at, code) => {
    const { hello } = knock();
    expect(refusalOf(() => door.joins.receive(flipped(hello, at), 0, door.book.enrol))).toBe(code);
  });

  it('above the limit of pending joins drops the oldest, which is counted as busy', () => {
    const joins = new MasterJoins(masterKeys, systemEntropy, () => undefined);
    const first = knock();
    const confirm = offered(first, joins.hello(first.hello, 0).frame);
    for (let count = 1; count < pendingJoins; count++) {
      expect(joins.hello(knock().hello, 0).dropped).toBeUndefined();
    }
    expect(joins.pending).toBe(pendingJoins);
    expect(joins.hello(knock().hello, 0).dropped).toBe('join.busy');
    expect(joins.pending).toBe(pendingJoins);
    expect(refusalOf(() => joins.confirm(confirm, 0, door.book.enrol))).toBe('key.unknown');
  }, 30_000);

  it('above the limit of one node drops the oldest of that node alone, which is counted as busy', () => {
    const joins = new MasterJoins(masterKeys, systemEntropy, () => undefined);
    const other = knock();
    const confirmOfOther = offered(other, joins.hello(other.hello, 0).frame);
    const identity = newNode();
    const confirms = Array.from({ length: pendingJoinsPerNode }, () => {
      const join = knock(undefined, identity);
      const reply = joins.hello(join.hello, 0);
      expect(reply.dropped).toBeUndefined();
      return offered(join, reply.frame);
    });
    expect(joins.hello(knock(undefined, identity).hello, 0).dropped).toBe('join.busy');
    expect(joins.pending).toBe(1 + pendingJoinsPerNode);
    const [first, second] = confirms;
    if (!first || !second) throw new Error('expected two joins');
    expect(refusalOf(() => joins.confirm(first, 0, door.book.enrol))).toBe('key.unknown');
    expect(joins.confirm(second, 0, door.book.enrol).joined).toBeDefined();
    expect(joins.confirm(confirmOfOther, 0, door.book.enrol).joined).toBeDefined();
    expect(joins.hello(knock(undefined, identity).hello, 0).dropped).toBeUndefined();
  });
});

describe('a CONFIRM', () => {
  it('with a key id that nothing waits for is refused', () => {
    const { confirm } = confirming();
    expect(refusalOf(() => door.joins.confirm(flipped(confirm, 4), 0, door.book.enrol))).toBe('key.unknown');
  });

  it('with another sequence is refused before it is opened', () => {
    const { confirm } = confirming();
    for (const sequence of [0, 2]) {
      const frame = Uint8Array.from(confirm);
      frame[19] = sequence;
      expect(refusalOf(() => door.joins.confirm(frame, 0, door.book.enrol))).toBe('sequence.limit');
    }
  });

  it('under a key that is not the confirm key is refused', () => {
    const { keyId } = confirming();
    const key = new EnvelopeKey(systemEntropy.bytes(32), keyId, 'up', newNode().id, masterId(pinned.signing));
    const frame = key.seal(kinds.confirm, 1, new Uint8Array(64), systemEntropy);
    expect(refusalOf(() => door.joins.confirm(frame, 0, door.book.enrol))).toBe('seal.open');
    expect(door.joins.pending).toBe(1);
  });

  it.each([81, 112, 114, 1714])('of %i bytes is refused', (length) => {
    const frame = new Uint8Array(length);
    frame.set(confirming().confirm.subarray(0, length));
    expect(refusalOf(() => door.joins.receive(frame, 0, door.book.enrol))).toBe('frame.length');
  });
});

describe("a master's keys", () => {
  it('are refused where the two halves of the RSA key differ', () => {
    const rsaSpki = flipped(masterKeys.rsa[0].rsaSpki, 100);
    const make = () =>
      new MasterJoins({ ...masterKeys, rsa: [{ ...masterKeys.rsa[0], rsaSpki }] }, systemEntropy, () => undefined);
    expect(make).toThrow('expected the public half of the private key');
  });
});

describe("a node's join", () => {
  it('refuses a WELCOME before the OFFER', () => {
    const [early, other] = [knock(), knock()];
    const confirm = offered(other, door.joins.hello(other.hello, 0).frame);
    const { frame } = door.joins.confirm(confirm, 0, door.book.enrol);
    expect(refusalOf(() => early.receive(frame))).toBe('key.unknown');
  });

  it('goes on waiting after an OFFER for somebody else', () => {
    const [mine, other] = [knock(), knock()];
    const offer = door.joins.hello(mine.hello, 0).frame;
    expect(refusalOf(() => mine.receive(door.joins.hello(other.hello, 0).frame))).toBe('seal.open');
    expect(mine.receive(offer).type).toBe('offer');
  });

  it('refuses an OFFER with an X25519 key of low order', () => {
    const node = knock();
    const offer = Uint8Array.from(door.joins.hello(node.hello, 0).frame).fill(0, 4, 36);
    expect(refusalOf(() => node.receive(offer))).toBe('join.key');
  });

  it('refuses an OFFER and a REFUSAL that another master signed', () => {
    const other = newNode();
    const impostor = new MasterJoins(
      { ...masterKeys, signingPrivate: other.privateKey },
      systemEntropy,
      door.book.judge,
    );
    const node = knock();
    expect(refusalOf(() => node.receive(impostor.hello(node.hello, 0).frame))).toBe('signature.offer');
    const stranger = knock(systemEntropy.bytes(16));
    expect(refusalOf(() => stranger.receive(impostor.hello(stranger.hello, 0).frame))).toBe('signature.refusal');
    expect(node.receive(door.joins.hello(node.hello, 0).frame).type).toBe('offer');
  });

  it('takes nothing once erased', () => {
    const node = knock();
    const { frame } = door.joins.hello(node.hello, 0);
    node.erase();
    expect(refusalOf(() => node.receive(frame))).toBe('key.unknown');
  });

  it('refuses a wrong call by an error that names the argument', () => {
    expect(() => knock(new Uint8Array(16))).toThrow(/^invite code: /);
    expect(() => knock(new Uint8Array(15).fill(1))).toThrow('invite code: expected 16 bytes, got 15');
    expect(() => knock(undefined, { ...newNode(), hopKey: new Uint8Array(0) })).toThrow(/^hop key: /);
    expect(() => knock(undefined, { ...newNode(), instance: new Uint8Array(32) })).toThrow(/^instance: /);
    const secrets = newIdentitySecrets(systemEntropy);
    expect(() => nodeIdentity(secrets, plainOf(32), new Uint8Array(16))).toThrow(/^instance: /);
    expect(() => nodeIdentity(secrets, plainOf(31), new Uint8Array(16).fill(1))).toThrow(/^hop secret: /);
  });
});
