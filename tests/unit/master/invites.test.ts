import { parseHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import { hopLineOf, makeInvite, type Pinned } from '@sealcast/master/invites';
import { expect, test } from 'vitest';
import { scratchStore } from './store/scratch-store.ts';
import { rsa } from './fleet/paper-fleet.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const pinned: Pinned = {
  data: [36500, 36501],
  join: [36502, 36503],
  mechanism: 'curve',
  rsa: new Uint8Array(rsa.newest),
  signing: key(5),
  curve: key(6),
};
const relay = { host: 'barn.lan', data: [1, 2], join: [3, 4], curve: key(7), up: key(8) } satisfies ReturnType<
  typeof parseHop
>;

test('an invite pins the master, and leads to the host that is asked for', () => {
  using scratch = scratchStore();
  const { invite, expires } = makeInvite(
    scratch.store,
    pinned,
    { label: 'a', host: 'master.lan', hours: 2 },
    1_000_000,
  );
  expect(expires).toBe(1000 + 7200);
  expect(parseInvite(invite)).toEqual({ ...pinned, host: 'master.lan', expires, code: expect.any(Uint8Array) });
});

test('an invite through a relay leads to the relay, and pins the keys of the master’s seal', () => {
  using scratch = scratchStore();
  const { invite } = makeInvite(scratch.store, pinned, { label: 'a', relay, hours: 2 }, 1_000_000);
  const { host, data, join, curve, rsa: spki, signing, mechanism } = parseInvite(invite);
  expect({ host, data, join, curve }).toEqual({ host: 'barn.lan', data: [1, 2], join: [3, 4], curve: key(7) });
  expect({ rsa: spki, signing, mechanism }).toEqual({
    rsa: pinned.rsa,
    signing: key(5),
    mechanism: 'curve',
  });
});

test('through a relay a hop is CURVE also where the master’s own is not', () => {
  using scratch = scratchStore();
  const plain: Pinned = { ...pinned, mechanism: 'plain', curve: new Uint8Array(32) };
  const { invite } = makeInvite(scratch.store, plain, { label: 'a', relay, hours: 2 }, 1_000_000);
  expect(parseInvite(invite)).toMatchObject({ mechanism: 'curve', curve: key(7) });
});

test('the master’s own line says how a relay reaches it, and shows nothing upward', () => {
  const line = hopLineOf(pinned, 'master.lan');
  expect(parseHop(line ?? '')).toEqual({
    host: 'master.lan',
    data: [36500, 36501],
    join: [36502, 36503],
    curve: key(6),
  });
});

test('a master that does not know its host, or speaks no CURVE, has no line', () => {
  expect(hopLineOf(pinned, undefined)).toBeUndefined();
  expect(hopLineOf({ ...pinned, mechanism: 'null', curve: new Uint8Array(32) }, 'master.lan')).toBeUndefined();
});
