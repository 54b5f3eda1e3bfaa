import { expect, test } from 'vitest';
import { enrolled, hex, scratchStore } from './scratch-store.ts';

const at = 1_000_000;
const applicant = (digit: string, inviteHash: string) => ({
  id: hex(digit, 32),
  identity: hex(digit, 64),
  hopKey: hex(digit, 64),
  inviteHash,
  at,
});

test('an invite lets one node in, and the second changes nothing', () => {
  using scratch = scratchStore();
  const { roster, invites } = scratch.store;
  const hash = hex('e', 64);
  invites.add({ hash, label: 'node-1', created: at, expires: at });
  roster.enrol(applicant('1', hash));
  expect(() => roster.enrol(applicant('2', hash))).toThrow('the invite is not open');
  expect(roster.all().map(({ id }) => id)).toEqual([hex('1', 32)]);
  expect(invites.find(hash)).toMatchObject({ spentBy: hex('1', 32), spentAt: at });
});

test('a node is called by the label of an invite that names, until it is called something else', () => {
  using scratch = scratchStore();
  const { roster, invites } = scratch.store;
  const joined = (digit: string, names: boolean) => {
    invites.add({ hash: hex(digit, 64), label: `label ${digit}`, created: at, expires: at }, { names });
    roster.enrol(applicant(digit, hex(digit, 64)));
    return hex(digit, 32);
  };
  const named = joined('a', true);
  expect([roster.find(named)?.label, roster.find(joined('b', false))?.label]).toEqual(['label a', null]);
  roster.setLabel(named, 'the loft');
  expect(scratch.reopen().roster.find(named)?.label).toBe('the loft');
  scratch.store.roster.setLabel(named, null);
  expect(scratch.store.roster.find(named)?.label).toBe(null);
});

test.for([
  ['unknown', () => {}],
  [
    'withdrawn',
    ({ store }: ReturnType<typeof scratchStore>) => {
      store.invites.add({ hash: hex('e', 64), label: '', created: at, expires: at });
      store.invites.withdraw(hex('e', 64), at);
    },
  ],
  [
    'expired',
    ({ store }: ReturnType<typeof scratchStore>) =>
      store.invites.add({ hash: hex('e', 64), label: '', created: at, expires: at / 1000 }),
  ],
] as const)('an invite that is %s lets nobody in', ([, prepare]) => {
  using scratch = scratchStore();
  prepare(scratch);
  expect(() => scratch.store.roster.enrol(applicant('1', hex('e', 64)))).toThrow('the invite is not open');
  expect(scratch.store.roster.all()).toEqual([]);
});

test('an identity that is known under another id spends no invite', () => {
  using scratch = scratchStore();
  const { store } = scratch;
  enrolled(store, '1');
  const hash = hex('e', 64);
  store.invites.add({ hash, label: '', created: at, expires: at });
  expect(() => store.roster.enrol({ ...applicant('2', hash), identity: hex('1', 64) })).toThrow('UNIQUE');
  expect(store.invites.find(hash)?.spentAt).toBeNull();
});

test('a node is found by its id and by its identity', () => {
  using scratch = scratchStore();
  const { roster } = scratch.store;
  const id = enrolled(scratch.store, '1');
  expect(roster.find(id)).toEqual(roster.findByIdentity(hex('1', 64)));
  expect(roster.find(id)).toEqual({
    id,
    identity: hex('1', 64),
    hopKey: hex('1', 64),
    joinedAt: at,
    label: null,
    facts: null,
    lastSeen: null,
    leftAt: null,
    interval: 5,
    removedAt: null,
    rotatedAt: null,
  });
  expect(roster.find(hex('2', 32))).toBeUndefined();
});

test('the allow-list holds neither removed nodes nor the key that stands for none', () => {
  using scratch = scratchStore();
  const { roster } = scratch.store;
  const [kept, removed, plain] = ['1', '2', '3'].map((digit) => enrolled(scratch.store, digit));
  roster.setRemoved(removed!, at);
  roster.setHopKey(plain!, hex('0', 64), at);
  expect(roster.hopKeys()).toEqual(new Set([hex('1', 64)]));
  roster.setHopKey(kept!, hex('7', 64), at);
  expect(roster.hopKeys()).toEqual(new Set([hex('7', 64)]));
});

test('every hop key that a node ever had is kept, also when it is removed, and the one that stands for none is not', () => {
  using scratch = scratchStore();
  const { roster } = scratch.store;
  const [node, other] = ['1', '2'].map((digit) => enrolled(scratch.store, digit));
  for (const digit of ['3', '0', '4', '3']) roster.setHopKey(node!, hex(digit, 64), at);
  roster.setRemoved(node!, at);
  const { hopKeys: kept } = scratch.reopen();
  expect([kept.of(node!), kept.of(other!)]).toEqual([['1', '3', '4'].map((digit) => hex(digit, 64)), [hex('2', 64)]]);
  const asked = ['0', '1', '2', '3', '9'].map((digit) => hex(digit, 64));
  expect(asked.map((key) => kept.isNodes(key))).toEqual([false, true, true, true, false]);
  expect(asked.map((key) => kept.isAnothers(key, other!))).toEqual([false, true, false, true, false]);
  expect(asked.map((key) => kept.isRemoveds(key))).toEqual([false, true, false, true, false]);
});

test('an invite that is added again stays as it was', () => {
  using scratch = scratchStore();
  const { invites } = scratch.store;
  invites.add({ hash: hex('e', 64), label: 'first', created: at, expires: at });
  invites.add({ hash: hex('e', 64), label: 'second', created: at, expires: 2 * at });
  expect(invites.list()).toMatchObject([{ label: 'first', expires: at }]);
});

test('an invite is withdrawn once, and never after it was spent', () => {
  using scratch = scratchStore();
  const { invites } = scratch.store;
  enrolled(scratch.store, '1');
  expect(invites.withdraw(hex('1', 64), at)).toBe(false);
  invites.add({ hash: hex('e', 64), label: '', created: at, expires: at });
  expect([invites.withdraw(hex('e', 64), at), invites.withdraw(hex('e', 64), at)]).toEqual([true, false]);
  expect(invites.find(hex('e', 64))?.withdrawnAt).toBe(at);
});

test('invites are listed newest first', () => {
  using scratch = scratchStore();
  const { invites } = scratch.store;
  for (const [index, digit] of ['1', '2', '3'].entries())
    invites.add({ hash: hex(digit, 64), label: digit, created: index, expires: at });
  expect(invites.list().map(({ label }) => label)).toEqual(['3', '2', '1']);
});

test('a node’s new identity takes the place of the one before, and when is kept', () => {
  using scratch = scratchStore();
  const { roster } = scratch.store;
  const id = enrolled(scratch.store, '1');
  roster.setIdentity(id, hex('7', 64), 5000);
  expect(roster.find(id)).toMatchObject({ identity: hex('7', 64), rotatedAt: 5000, joinedAt: at });
  expect(roster.findByIdentity(hex('1', 64))).toBeUndefined();
});

test('no two nodes have one identity', () => {
  using scratch = scratchStore();
  const ids = ['1', '2'].map((digit) => enrolled(scratch.store, digit));
  expect(() => scratch.store.roster.setIdentity(ids[0]!, hex('2', 64), at)).toThrow('UNIQUE');
});
