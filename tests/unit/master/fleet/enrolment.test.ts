import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Applicant } from '@sealcast/channel/join-master';
import { CloneWatch } from '@sealcast/master/fleet/clone-watch';
import { Enrolment } from '@sealcast/master/fleet/enrolment';
import { openStore } from '@sealcast/master/store/store';
import { expect, test, vi } from 'vitest';

const fill = (byte: number, length: number) => Buffer.alloc(length, byte);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const nowMs = 1_000_000_000;
const inviteHash = fill(9, 32);

function applicant(changes: Partial<Applicant> = {}): Applicant {
  return { id: fill(1, 16), identity: fill(2, 32), instance: fill(4, 16), hopKey: fill(3, 32), inviteHash, ...changes };
}

function enrolment({ expires = nowMs / 1000 + 60 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  const store = openStore(join(folder, 'sealcast.db'));
  store.invites.add({ hash: inviteHash.toString('hex'), label: 'attic', created: 1, expires });
  const clones = new CloneWatch();
  return {
    store,
    clones,
    enrolment: new Enrolment(store, clones, 5),
    [Symbol.dispose]: () => {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test('a new node with an open invite may join, and judging changes nothing', () => {
  using set = enrolment();
  expect(set.enrolment.judge(applicant(), nowMs)).toBeUndefined();
  expect(set.enrolment.judge(applicant(), nowMs)).toBeUndefined();
  expect(set.store.roster.all()).toEqual([]);
});

test('a node that has joined may join again without its invite', () => {
  using set = enrolment();
  expect(set.enrolment.enrol(applicant(), nowMs)).toBe(true);
  expect(set.enrolment.judge(applicant({ inviteHash: undefined }), nowMs)).toBeUndefined();
  expect(set.enrolment.enrol(applicant({ inviteHash: undefined }), nowMs)).toBe(false);
});

test('a known id with another identity is refused, whatever its invite', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  set.store.invites.add({ hash: 'ff'.repeat(32), label: 'b', created: 1, expires: nowMs });
  const thief = applicant({ identity: fill(7, 32), inviteHash: fill(255, 32) });
  expect(set.enrolment.judge(thief, nowMs)).toBe('join.identity');
});

test('a known identity under another id is refused', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  set.store.invites.add({ hash: 'ff'.repeat(32), label: 'b', created: 1, expires: nowMs });
  expect(set.enrolment.judge(applicant({ id: fill(8, 16), inviteHash: fill(255, 32) }), nowMs)).toBe('join.identity');
});

test.each([
  ['no invite', { inviteHash: undefined }, 'join.invite'],
  ['an unknown invite', { inviteHash: fill(4, 32) }, 'join.invite'],
] as const)('a new node with %s is refused', (_, changes, code) => {
  using set = enrolment();
  expect(set.enrolment.judge(applicant(changes), nowMs)).toBe(code);
});

test('an invite is good for one node alone', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  const second = applicant({ id: fill(8, 16), identity: fill(7, 32) });
  expect(set.enrolment.judge(second, nowMs)).toBe('join.invite-spent');
  expect(() => set.enrolment.enrol(second, nowMs)).toThrow('the invite is not open');
  expect(set.store.roster.all()).toHaveLength(1);
});

test('an invite ends at the second that it names', () => {
  using set = enrolment({ expires: nowMs / 1000 });
  expect(set.enrolment.judge(applicant(), nowMs - 1)).toBeUndefined();
  expect(set.enrolment.judge(applicant(), nowMs)).toBe('join.invite-expired');
});

test('a withdrawn invite is as good as none', () => {
  using set = enrolment();
  set.store.invites.withdraw(inviteHash.toString('hex'), nowMs);
  expect(set.enrolment.judge(applicant(), nowMs)).toBe('join.invite');
});

test('a removed node stays out, with or without an invite', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  set.store.roster.setRemoved(hex(applicant().id), nowMs);
  expect(set.enrolment.judge(applicant(), nowMs)).toBe('join.removed');
});

test('the data ports are open to the CURVE key that a node joined with last, and to no other', () => {
  using set = enrolment();
  expect(set.enrolment.admits(hex(fill(3, 32)))).toBe(false);
  set.enrolment.enrol(applicant(), nowMs);
  expect(set.enrolment.admits(hex(fill(3, 32)))).toBe(true);
  set.enrolment.enrol(applicant({ hopKey: fill(5, 32) }), nowMs);
  expect(set.enrolment.admits(hex(fill(3, 32)))).toBe(false);
  expect(set.enrolment.admits(hex(fill(5, 32)))).toBe(true);
});

test('while a node is cloned, no instance may join but the one that stays', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  set.clones.found(hex(applicant().id), hex(fill(4, 16)), nowMs);
  expect(set.enrolment.judge(applicant({ instance: fill(5, 16) }), nowMs)).toBe('join.cloned');
  expect(set.enrolment.judge(applicant({ instance: fill(6, 16) }), nowMs)).toBe('join.cloned');
  expect(set.enrolment.judge(applicant({ instance: fill(4, 16) }), nowMs)).toBeUndefined();
});

test('a stranger with a cloned node’s id learns nothing of it, nor does a removed node', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  set.clones.found(hex(applicant().id), hex(fill(4, 16)), nowMs);
  const other = { instance: fill(5, 16) };
  expect(set.enrolment.judge(applicant({ ...other, identity: fill(7, 32) }), nowMs)).toBe('join.identity');
  set.store.roster.setRemoved(hex(applicant().id), nowMs);
  expect(set.enrolment.judge(applicant(other), nowMs)).toBe('join.removed');
});

test('a removed node’s hop key is let in no more', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  set.store.roster.setRemoved(hex(applicant().id), nowMs);
  set.enrolment.learnHopKeys();
  expect(set.enrolment.admits(hex(fill(3, 32)))).toBe(false);
});

test('a hop key that another node has, or had when it was removed, or that a relay has, is nobody else’s', () => {
  using set = enrolment();
  const { store, enrolment: door } = set;
  const invite = (byte: number) => {
    store.invites.add({ hash: hex(fill(byte, 32)), label: 'b', created: 1, expires: nowMs });
    return fill(byte, 32);
  };
  door.enrol(applicant(), nowMs);
  const second = { id: fill(8, 16), identity: fill(7, 32), inviteHash: invite(10) };
  expect(door.judge(applicant(second), nowMs)).toBe('join.key');
  door.enrol(applicant({ ...second, hopKey: fill(5, 32) }), nowMs);
  expect(door.judge(applicant({ hopKey: fill(5, 32) }), nowMs)).toBe('join.key');
  store.roster.setRemoved(hex(second.id), nowMs);
  expect(door.judge(applicant({ hopKey: fill(5, 32) }), nowMs)).toBe('join.key');
  store.relays.add({ id: '1'.repeat(32), up: hex(fill(6, 32)), name: 'site', line: '', addedAt: nowMs, seenAt: null });
  expect(door.judge(applicant({ hopKey: fill(6, 32) }), nowMs)).toBe('join.key');
  expect(door.judge(applicant(), nowMs)).toBeUndefined();
});

test('without hop keys, under NULL, nobody is kept out for having the same', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant({ hopKey: fill(0, 32) }), nowMs);
  set.store.invites.add({ hash: hex(fill(10, 32)), label: 'b', created: 1, expires: nowMs });
  const second = { id: fill(8, 16), identity: fill(7, 32), inviteHash: fill(10, 32), hopKey: fill(0, 32) };
  expect(set.enrolment.judge(applicant(second), nowMs)).toBeUndefined();
  expect(set.enrolment.admits(hex(fill(0, 32)))).toBe(false);
});

test('who joins again with the key that it had is let in without the roster being read', () => {
  using set = enrolment();
  set.enrolment.enrol(applicant(), nowMs);
  const reading = vi.spyOn(set.store.roster, 'hopKeys');
  for (const hopKey of [3, 3, 5, 5]) set.enrolment.enrol(applicant({ hopKey: fill(hopKey, 32) }), nowMs);
  expect([reading.mock.calls.length, set.enrolment.admits(hex(fill(5, 32)))]).toEqual([1, true]);
});
