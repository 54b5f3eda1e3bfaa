import { beforeEach, describe, expect, it } from 'vitest';
import { pendingJoins, pendingJoinsPerNode } from '@sealcast/channel/constants';
import { systemEntropy, type Entropy } from '@sealcast/channel/entropy';
import { EnvelopeKey } from '@sealcast/channel/envelope';
import { kinds } from '@sealcast/channel/frame';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import { masterId } from '@sealcast/channel/master-keys';
import { flipped, masterKeys, newDoor, newNode, offered, pinned, refusalOf, type Door } from './parties.ts';
import { knock, confirming } from './knocking.ts';

let door: Door;
beforeEach(() => {
  door = newDoor();
});

describe('a HELLO', () => {
  it('whose OAEP does not open, whatever is wrong with it, is refused by one code and not answered', () => {
    const { hello } = knock(door);
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
    const { hello } = knock(door);
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
    frame.set(knock(door).hello.subarray(0, length));
    expect(refusalOf(() => door.joins.hello(frame, 0))).toBe('frame.length');
    expect(refusalOf(() => door.joins.receive(frame, 0, door.book.enrol))).toBe('frame.length');
  });

  it.each([
    [0, 'frame.version'],
    [1, 'frame.suite'],
    [2, 'frame.kind'],
    [3, 'frame.flags'],
  ] as const)('with byte %i changed is refused with %s', (at, code) => {
    const { hello } = knock(door);
    expect(refusalOf(() => door.joins.receive(flipped(hello, at), 0, door.book.enrol))).toBe(code);
  });

  it('above the limit of pending joins drops the oldest, which is counted as busy', () => {
    const joins = new MasterJoins(masterKeys, systemEntropy, () => undefined);
    const first = knock(door);
    const confirm = offered(first, joins.hello(first.hello, 0).frame);
    for (let count = 1; count < pendingJoins; count++) {
      expect(joins.hello(knock(door).hello, 0).dropped).toBeUndefined();
    }
    expect(joins.pending).toBe(pendingJoins);
    expect(joins.hello(knock(door).hello, 0).dropped).toBe('join.busy');
    expect(joins.pending).toBe(pendingJoins);
    expect(refusalOf(() => joins.confirm(confirm, 0, door.book.enrol))).toBe('key.unknown');
  }, 30_000);

  it('above the limit of one node drops the oldest of that node alone, which is counted as busy', () => {
    const joins = new MasterJoins(masterKeys, systemEntropy, () => undefined);
    const other = knock(door);
    const confirmOfOther = offered(other, joins.hello(other.hello, 0).frame);
    const identity = newNode();
    const confirms = Array.from({ length: pendingJoinsPerNode }, () => {
      const join = knock(door, undefined, identity);
      const reply = joins.hello(join.hello, 0);
      expect(reply.dropped).toBeUndefined();
      return offered(join, reply.frame);
    });
    expect(joins.hello(knock(door, undefined, identity).hello, 0).dropped).toBe('join.busy');
    expect(joins.pending).toBe(1 + pendingJoinsPerNode);
    const [first, second] = confirms;
    if (!first || !second) throw new Error('expected two joins');
    expect(refusalOf(() => joins.confirm(first, 0, door.book.enrol))).toBe('key.unknown');
    expect(joins.confirm(second, 0, door.book.enrol).joined).toBeDefined();
    expect(joins.confirm(confirmOfOther, 0, door.book.enrol).joined).toBeDefined();
    expect(joins.hello(knock(door, undefined, identity).hello, 0).dropped).toBeUndefined();
  });
});

describe('a CONFIRM', () => {
  it('with a key id that nothing waits for is refused', () => {
    const { confirm } = confirming(door);
    expect(refusalOf(() => door.joins.confirm(flipped(confirm, 4), 0, door.book.enrol))).toBe('key.unknown');
  });

  it('with another sequence is refused before it is opened', () => {
    const { confirm } = confirming(door);
    for (const sequence of [0, 2]) {
      const frame = Uint8Array.from(confirm);
      frame[19] = sequence;
      expect(refusalOf(() => door.joins.confirm(frame, 0, door.book.enrol))).toBe('sequence.limit');
    }
  });

  it('under a key that is not the confirm key is refused', () => {
    const { keyId } = confirming(door);
    const key = new EnvelopeKey(systemEntropy.bytes(32), keyId, 'up', newNode().id, masterId(pinned.signing));
    const frame = key.seal(kinds.confirm, 1, new Uint8Array(64), systemEntropy);
    expect(refusalOf(() => door.joins.confirm(frame, 0, door.book.enrol))).toBe('seal.open');
    expect(door.joins.pending).toBe(1);
  });

  it.each([81, 112, 114, 1714])('of %i bytes is refused', (length) => {
    const frame = new Uint8Array(length);
    frame.set(confirming(door).confirm.subarray(0, length));
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
