// PROTOCOL.md, A master that was put back.
import { goOnFromCopy, leapFrom } from '@sealcast/master/store/restored';
import { expect, test } from 'vitest';
import { enrolled, hex, scratchStore } from './scratch-store.ts';

const now = Date.UTC(2026, 10, 30);

test('numbers go on above all that can have been given since the copy was made, also where none had been given', () => {
  using scratch = scratchStore();
  const { counters } = scratch.store;
  counters.next('epoch');
  goOnFromCopy(scratch.store, now);
  const floor = now * 2 ** 10;
  expect([counters.next('epoch'), counters.next('broadcast')]).toEqual([floor + 1, floor + 1]);
});

test('a copy that is put back a millisecond later goes on above what the one before can have given', () => {
  expect(leapFrom(7, now + 1) - leapFrom(7, now)).toBe(2 ** 10);
});

test('where the clock is wrong, they go on far above the number in the copy', () => {
  expect(leapFrom(2 ** 51, 0)).toBe(2 ** 51 + 2 ** 32);
});

test('they fit into what the protocol has for them until the year 2200', () => {
  expect(leapFrom(0, Date.UTC(2200, 0, 1))).toBeLessThan(Number.MAX_SAFE_INTEGER - 2 ** 48);
});

test('open invites are withdrawn, those that were spent stay so, and nobody is signed in', () => {
  using scratch = scratchStore();
  const { store } = scratch;
  const id = enrolled(store, 'a');
  store.invites.add({ hash: hex('f', 64), label: 'open', created: 1, expires: 2_000_000_000 });
  store.admins.take({ name: 'admin', hash: '' }, 1);
  store.webSessions.add({ hash: hex('1', 64), name: 'admin', created: 1, used: 1 });
  expect(goOnFromCopy(store, now)).toEqual({ withdrawn: 1, nodes: 1 });
  expect(store.invites.find(hex('f', 64))).toMatchObject({ withdrawnAt: now, spentAt: null });
  expect(store.invites.find(hex('a', 64))).toMatchObject({ withdrawnAt: null, spentBy: id });
  expect(store.webSessions.find(hex('1', 64))).toBeUndefined();
  expect(() =>
    store.roster.enrol({
      id: hex('f', 32),
      identity: hex('f', 64),
      hopKey: hex('f', 64),
      inviteHash: hex('f', 64),
      at: now,
    }),
  ).toThrow('the invite is not open');
});
