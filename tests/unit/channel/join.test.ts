import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pendingJoinMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { EnvelopeKey } from '@sealcast/channel/envelope';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { Message } from '@sealcast/channel/session';
import {
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
import { knock, diskFull } from './knocking.ts';

let door: Door;
beforeEach(() => {
  door = newDoor();
});

describe('a join', () => {
  it('ends in a session that speaks both ways', () => {
    const identity = newNode();
    const node = knock(door, door.book.invite(), identity);
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
    joins.hello(knock(door, code).hello, 42);
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
  const node = knock(door);
  const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
  door.joins.confirm(confirm, 0, door.book.enrol);
  expect(open.mock.results.map(({ value }) => hex(value))).toEqual(['00'.repeat(65)]);
  open.mockRestore();
});

describe('a join that repeats', () => {
  it('answers the same HELLO bytes by the same OFFER bytes, and keeps one join pending', () => {
    const node = knock(door);
    const first = door.joins.hello(node.hello, 0);
    const second = door.joins.hello(Uint8Array.from(node.hello), pendingJoinMs - 1);
    expect(hex(second.frame)).toBe(hex(first.frame));
    expect(door.joins.pending).toBe(1);
  });

  it('answers the same HELLO bytes by another OFFER once the first is no longer pending', () => {
    const node = knock(door);
    const first = door.joins.hello(node.hello, 0);
    const second = door.joins.hello(node.hello, pendingJoinMs);
    expect(hex(second.frame)).not.toBe(hex(first.frame));
    expect(door.joins.pending).toBe(1);
    expect(door.joins.confirm(offered(node, second.frame), pendingJoinMs, door.book.enrol).joined).toBeDefined();
  });

  it('answers the same OFFER bytes by the same CONFIRM bytes, and takes no other OFFER any more', () => {
    const node = knock(door);
    const offer = door.joins.hello(node.hello, 0).frame;
    const other = door.joins.hello(node.hello, pendingJoinMs).frame;
    const confirm = offered(node, offer);
    expect(hex(offered(node, offer))).toBe(hex(confirm));
    expect(refusalOf(() => node.receive(other))).toBe('key.unknown');
  });

  it('answers the same CONFIRM bytes by the same WELCOME bytes, and enrols once', () => {
    const node = knock(door);
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
    const node = knock(door);
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    expect(refusalOf(() => door.joins.confirm(confirm, pendingJoinMs, door.book.enrol))).toBe('key.unknown');
    expect(door.joins.pending).toBe(0);
    expect(door.book.enrolled).toBe(0);
  });

  it('stays pending where enrolling fails, so that the next CONFIRM has it', () => {
    const node = knock(door);
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    expect(() => door.joins.confirm(confirm, 0, diskFull)).toThrow('disk full');
    expect(door.joins.pending).toBe(1);
    expect(door.joins.confirm(confirm, 0, door.book.enrol).joined).toBeDefined();
  });
});
