import { beforeEach, describe, expect, it } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import { MasterJoins } from '@sealcast/channel/join-master';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { masterKeys, newDoor, newNode, offered, refusalOf, type Door } from './parties.ts';
import { plainOf, knock } from './knocking.ts';

let door: Door;
beforeEach(() => {
  door = newDoor();
});

describe("a node's join", () => {
  it('refuses a WELCOME before the OFFER', () => {
    const [early, other] = [knock(door), knock(door)];
    const confirm = offered(other, door.joins.hello(other.hello, 0).frame);
    const { frame } = door.joins.confirm(confirm, 0, door.book.enrol);
    expect(refusalOf(() => early.receive(frame))).toBe('key.unknown');
  });

  it('goes on waiting after an OFFER for somebody else', () => {
    const [mine, other] = [knock(door), knock(door)];
    const offer = door.joins.hello(mine.hello, 0).frame;
    expect(refusalOf(() => mine.receive(door.joins.hello(other.hello, 0).frame))).toBe('seal.open');
    expect(mine.receive(offer).type).toBe('offer');
  });

  it('refuses an OFFER with an X25519 key of low order', () => {
    const node = knock(door);
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
    const node = knock(door);
    expect(refusalOf(() => node.receive(impostor.hello(node.hello, 0).frame))).toBe('signature.offer');
    const stranger = knock(door, systemEntropy.bytes(16));
    expect(refusalOf(() => stranger.receive(impostor.hello(stranger.hello, 0).frame))).toBe('signature.refusal');
    expect(node.receive(door.joins.hello(node.hello, 0).frame).type).toBe('offer');
  });

  it('takes nothing once erased', () => {
    const node = knock(door);
    const { frame } = door.joins.hello(node.hello, 0);
    node.erase();
    expect(refusalOf(() => node.receive(frame))).toBe('key.unknown');
  });

  it('refuses a wrong call by an error that names the argument', () => {
    expect(() => knock(door, new Uint8Array(16))).toThrow(/^invite code: /);
    expect(() => knock(door, new Uint8Array(15).fill(1))).toThrow('invite code: expected 16 bytes, got 15');
    expect(() => knock(door, undefined, { ...newNode(), hopKey: new Uint8Array(0) })).toThrow(/^hop key: /);
    expect(() => knock(door, undefined, { ...newNode(), instance: new Uint8Array(32) })).toThrow(/^instance: /);
    const secrets = newIdentitySecrets(systemEntropy);
    expect(() => nodeIdentity(secrets, plainOf(32), new Uint8Array(16))).toThrow(/^instance: /);
    expect(() => nodeIdentity(secrets, plainOf(31), new Uint8Array(16).fill(1))).toThrow(/^hop secret: /);
  });
});
