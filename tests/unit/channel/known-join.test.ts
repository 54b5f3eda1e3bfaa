import { beforeEach, describe, expect, it } from 'vitest';
import { encodeBody } from '@sealcast/channel/body';
import { systemEntropy, type Entropy } from '@sealcast/channel/entropy';
import { MasterJoins } from '@sealcast/channel/join-master';
import { welcomeSchema } from '@sealcast/channel/payloads';
import {
  hopProof,
  keysAfter,
  knownJoin,
  type KnownJoin,
  rawConfirm,
  rawHello,
  rawOffer,
  rawRefusal,
  rawWelcome,
} from './known-join.ts';
import {
  Doorbook,
  flipped,
  hex,
  masterKeys,
  newDoor,
  newNode,
  offered,
  refusalOf,
  welcome,
  type Door,
} from './parties.ts';

let door: Door;
beforeEach(() => {
  door = newDoor();
});

function stranger(): KnownJoin {
  return knownJoin(systemEntropy.bytes(16));
}

/** A join that waits for its WELCOME, and what makes one. */
function confirming() {
  const join = stranger();
  const { frame, keys, keyId } = rawOffer(join);
  offered(join.node, frame);
  return { join, make: (change: Parameters<typeof rawWelcome>[3]) => rawWelcome(join, keys, keyId, change) };
}

/** A join whose CONFIRM the test makes, with what it should hold. */
function awaited() {
  const book = new Doorbook();
  let mlkemSecret = new Uint8Array(0);
  const watched: Entropy = {
    ...systemEntropy,
    encapsulate: (key) => {
      const made = systemEntropy.encapsulate(key);
      mlkemSecret = Uint8Array.from(made.sharedSecret);
      return made;
    },
  };
  const joins = new MasterJoins(masterKeys, watched, book.judge);
  const join = knownJoin(book.invite());
  const offer = joins.hello(join.node.hello, 0).frame;
  const keyId = offered(join.node, offer).subarray(4, 12);
  const { keys, h2 } = keysAfter(join, offer, mlkemSecret);
  const proof = hopProof(join, offer, h2);
  const body = Buffer.concat([h2, proof]);
  const make = (change: Parameters<typeof rawConfirm>[3]) => rawConfirm(join, keys, keyId, { body, ...change });
  return { h2, proof, make, confirm: (frame: Uint8Array) => joins.confirm(frame, 0, book.enrol), book };
}

describe('a HELLO that was written by the page alone', () => {
  it('is answered by an OFFER', () => {
    const reply = door.joins.hello(rawHello({ code: door.book.invite() }), 0);
    expect(reply.refused).toBeUndefined();
    expect(reply.frame).toHaveLength(1225);
  });

  it('of another sealed kind is refused and not answered', () => {
    expect(refusalOf(() => door.joins.hello(rawHello({ kind: 2 }), 0))).toBe('payload.kind');
  });

  it('of a node that speaks no version is refused and not answered', () => {
    expect(refusalOf(() => door.joins.hello(rawHello({ version: 0 }), 0))).toBe('join.version');
  });

  it('of a node that speaks later versions too is taken', () => {
    expect(door.joins.hello(rawHello({ version: 255, code: door.book.invite() }), 0).refused).toBeUndefined();
  });

  it.each<[string, Parameters<typeof rawHello>[0]]>([
    ['an X25519 key that is zero', { x25519: new Uint8Array(32) }],
    ['an X25519 key of low order', { x25519: Uint8Array.from([1, ...new Uint8Array(31)]) }],
    ['an ML-KEM key with coefficients that are not below q', { mlkem: new Uint8Array(1184).fill(0xff) }],
    ['a node id that is zero', { node: { ...newNode(), id: new Uint8Array(16) } }],
  ])('with %s is answered by a REFUSAL', (_, change) => {
    const reply = door.joins.hello(rawHello({ code: door.book.invite(), ...change }), 0);
    expect(reply).toMatchObject({ refused: 'join.key' });
    expect(reply.frame).toHaveLength(97);
    expect(door.joins.pending).toBe(0);
  });

  it.each([0, 31, 33])('under a first key of %i bytes is refused and not answered', (length) => {
    const k0 = systemEntropy.bytes(length);
    expect(refusalOf(() => door.joins.hello(rawHello({ k0, code: door.book.invite() }), 0))).toBe('join.open');
  });

  it('that was signed for another master is refused', () => {
    const reply = door.joins.hello(rawHello({ code: door.book.invite(), fingerprint: new Uint8Array(32) }), 0);
    expect(reply).toMatchObject({ refused: 'signature.hello' });
  });

  it('with a malformed key of somebody without an invite is refused for the key, before anybody is looked up', () => {
    let asked = 0;
    const joins = new MasterJoins(masterKeys, systemEntropy, () => {
      asked++;
      return 'join.invite';
    });
    expect(joins.hello(rawHello({ x25519: new Uint8Array(32) }), 0).refused).toBe('join.key');
    expect(asked).toBe(0);
  });
});

describe('an OFFER that was written by the page alone', () => {
  it('is taken', () => {
    const join = stranger();
    expect(join.node.receive(rawOffer(join).frame).type).toBe('offer');
  });

  it.each([
    ['of another sealed kind', { kind: 1 }, 'payload.kind'],
    ['signed by somebody else', { signer: newNode().privateKey }, 'signature.offer'],
    ['signed for another transcript', { signed: new Uint8Array(32) }, 'signature.offer'],
    ['with a key id that is zero', { keyId: new Uint8Array(8) }, 'join.key'],
  ] as const)('%s is refused, and the next one is taken', (_, change, code) => {
    const join = stranger();
    expect(refusalOf(() => join.node.receive(rawOffer(join, change).frame))).toBe(code);
    expect(join.node.receive(rawOffer(join).frame).type).toBe('offer');
  });
});

describe('a REFUSAL that was written by the page alone', () => {
  it('is taken, also after the OFFER', () => {
    const join = stranger();
    offered(join.node, rawOffer(join).frame);
    expect(join.node.receive(rawRefusal(join))).toEqual({ type: 'refused' });
  });

  it.each([
    ['of another sealed kind', { kind: 2 }, 'payload.kind'],
    ['signed by somebody else', { signer: newNode().privateKey }, 'signature.refusal'],
    ['signed for another HELLO', { signed: new Uint8Array(32) }, 'signature.refusal'],
  ] as const)('%s is refused, and the join goes on', (_, change, code) => {
    const join = stranger();
    expect(refusalOf(() => join.node.receive(rawRefusal(join, change)))).toBe(code);
    expect(join.node.receive(rawOffer(join).frame).type).toBe('offer');
  });
});

describe('a WELCOME that was written by the page alone', () => {
  const body = encodeBody(welcomeSchema, welcome);

  it.each([
    ['of another sealed kind', { inner: 0x20, body }, 'payload.kind'],
    ['with sequence 2', { sequence: 2n, body }, 'sequence.limit'],
    ['with sequence 0', { sequence: 0n, body }, 'sequence.limit'],
    ['for another node', { target: new Uint8Array(16), body }, 'seal.open'],
    ['in the other direction', { direction: 1, body }, 'seal.open'],
    ['with another body', { body: Uint8Array.of(0xa0) }, 'payload.schema'],
    ['in another encoding', { body: Uint8Array.of(0xbf, 0xff) }, 'payload.encoding'],
  ] as const)('%s is refused, and the next one is taken', (_, change, code) => {
    const { join, make } = confirming();
    expect(refusalOf(() => join.node.receive(make(change)))).toBe(code);
    expect(join.node.receive(make({ body }))).toMatchObject({ type: 'welcome', welcome });
  });
});

describe('a CONFIRM that was written by the page alone', () => {
  it.each([
    ['of another transcript', { body: new Uint8Array(64) }, 'join.confirm'],
    ['of another sealed kind', { inner: 4 }, 'payload.kind'],
    ['with sequence 2', { sequence: 2n }, 'sequence.limit'],
    ['of another sender', { sender: new Uint8Array(16) }, 'seal.open'],
    ['to another master', { target: new Uint8Array(16) }, 'seal.open'],
  ] as const)('%s is refused, and the next one is taken', (_, change, code) => {
    const { make, confirm, book } = awaited();
    expect(refusalOf(() => confirm(make(change)))).toBe(code);
    expect(book.enrolled).toBe(0);
    expect(confirm(make({})).joined).toBeDefined();
  });

  it('with a wrong hop proof is answered by a REFUSAL, before anybody is looked up, and has had its try', () => {
    const { h2, proof, make, confirm, book } = awaited();
    const judged = book.judged;
    const frame = make({ body: Buffer.concat([h2, flipped(proof, 31)]) });
    const reply = confirm(frame);
    expect(reply).toMatchObject({ refused: 'join.key' });
    expect(reply.frame).toHaveLength(97);
    expect(reply.joined).toBeUndefined();
    expect(confirm(frame).frame).toEqual(reply.frame);
    expect([book.enrolled, book.spent.size, book.judged]).toEqual([0, 0, judged]);
    expect(refusalOf(() => confirm(make({})))).toBe('sequence.replayed');
  });

  it('that comes after another one of the same join is refused as replayed', () => {
    const { make, confirm, book } = awaited();
    const first = confirm(make({}));
    expect(first.joined).toBeDefined();
    expect(refusalOf(() => confirm(make({})))).toBe('sequence.replayed');
    expect(refusalOf(() => confirm(make({ sender: new Uint8Array(16) })))).toBe('seal.open');
    expect(book.enrolled).toBe(1);
    expect(hex(first.frame)).toHaveLength(2 * first.frame.length);
  });
});
