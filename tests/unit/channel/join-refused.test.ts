import { beforeEach, describe, expect, it } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Refusal } from '@sealcast/channel/errors';
import { MasterJoins } from '@sealcast/channel/join-master';
import { hex, joinFully, masterKeys, newDoor, newNode, offered, refusalOf, type Door } from './parties.ts';
import { knock, knockedBack } from './knocking.ts';

let door: Door;
beforeEach(() => {
  door = newDoor();
});

describe('a join that is refused', () => {
  it.each(['join.removed', 'join.invite', 'join.invite-spent', 'join.invite-expired', 'join.identity'] as const)(
    'for %s looks the same to the node',
    (code) => {
      door = { ...door, joins: new MasterJoins(masterKeys, systemEntropy, () => code) };
      expect(knockedBack(door, knock(door))).toEqual({ type: 'refused', refused: code });
      expect(door.joins.pending).toBe(0);
    },
  );

  it('of a known id with another identity leaves the old session alive', () => {
    const old = joinFully(door);
    const thief = { ...newNode(), id: old.identity.id };
    expect(knockedBack(door, knock(door, door.book.invite(), thief))).toEqual({
      type: 'refused',
      refused: 'join.identity',
    });
    const leave = { kind: 'leave', body: {} } as const;
    expect(old.master.open(old.node.seal(leave))).toEqual(leave);
  });

  it('of a known identity with another id is refused', () => {
    const old = joinFully(door);
    const twin = { ...old.identity, id: newNode().id };
    expect(knockedBack(door, knock(door, door.book.invite(), twin))).toEqual({
      type: 'refused',
      refused: 'join.identity',
    });
  });

  it('of a node id that is all zero is refused', () => {
    const nobody = { ...newNode(), id: new Uint8Array(16) };
    expect(knockedBack(door, knock(door, door.book.invite(), nobody))).toEqual({
      type: 'refused',
      refused: 'join.key',
    });
  });

  it('of an identity that did not sign is refused', () => {
    const node = newNode();
    const liar = { ...node, publicKey: newNode().publicKey };
    expect(knockedBack(door, knock(door, door.book.invite(), liar))).toEqual({
      type: 'refused',
      refused: 'signature.hello',
    });
  });

  it('gives an invite to the first CONFIRM, and the second holder a REFUSAL', () => {
    const code = door.book.invite();
    const [first, second] = [knock(door, code), knock(door, code)];
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
    const node = knock(door);
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    const reply = door.joins.confirm(confirm, 0, () => {
      throw new Refusal('join.invite-spent');
    });
    expect(reply).toMatchObject({ refused: 'join.invite-spent' });
    expect(node.receive(reply.frame)).toEqual({ type: 'refused' });
  });

  it('is over for the node, which takes no frame any more', () => {
    const node = knock(door, systemEntropy.bytes(16));
    const { frame } = door.joins.hello(node.hello, 0);
    expect(node.receive(frame)).toEqual({ type: 'refused' });
    expect(refusalOf(() => node.receive(frame))).toBe('key.unknown');
  });
});
