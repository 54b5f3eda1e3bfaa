import type { Admits, Verdict } from '@sealcast/hop/admission';
import { admission, type BackEnd } from '@sealcast/master/admission/back-end';
import { afterEach, expect, test } from 'vitest';
import { enrolled, hex, scratchStore } from '../store/scratch-store.ts';

const key = Buffer.alloc(32, 0xaa);
const request = { domain: 'data', address: '10.0.0.1', mechanism: 'curve', hopKey: key } as const;
const everybody: BackEnd = { allows: () => true };
const nobody: BackEnd = { allows: () => Promise.resolve(false) };

const live: Disposable[] = [];
afterEach(() => {
  for (const scratch of live.splice(0)) scratch[Symbol.dispose]();
});

interface Situation {
  roster?: Verdict;
  backEnd?: BackEnd;
  removed?: boolean;
}

function asked({ roster = false, backEnd, removed = false }: Situation): Admits {
  const scratch = scratchStore();
  live.push(scratch);
  if (removed) scratch.store.roster.setRemoved(enrolled(scratch.store, 'a'), 2_000_000);
  return admission({ store: scratch.store, roster: () => roster, backEnd });
}

test('without a back end the roster decides', async () => {
  expect(await asked({ roster: true })(request)).toBe(true);
  expect(await asked({ roster: 'relay' })(request)).toBe('relay');
  expect(await asked({})(request)).toBe(false);
});

test('a back end decides in its place', async () => {
  expect(await asked({ backEnd: everybody })(request)).toBe(true);
  expect(await asked({ roster: 'relay', backEnd: everybody })(request)).toBe('relay');
  expect(await asked({ roster: true, backEnd: nobody })(request)).toBe(false);
});

test('who was removed stays out, whatever a back end says', async () => {
  expect(await asked({ removed: true, backEnd: everybody })(request)).toBe(false);
});

test('who was removed stays out with every hop key that it ever had, and so does a relay', async () => {
  using scratch = scratchStore();
  const { store } = scratch;
  const [gone, stays] = [enrolled(store, 'a'), enrolled(store, 'b')];
  for (const [id, digit] of [
    [gone, 'c'],
    [gone, 'd'],
    [stays, 'e'],
  ] as const)
    store.roster.setHopKey(id, hex(digit, 64), 1);
  store.relays.add({ id: hex('f', 32), up: hex('f', 64), name: 'barn', line: '', addedAt: 1 });
  const admits = admission({ store, roster: () => false, backEnd: everybody });
  const digits = ['a', 'b', 'c', 'd', 'e', 'f'];
  const letIn = () =>
    Promise.all(digits.map(async (digit) => admits({ ...request, hopKey: Buffer.from(hex(digit, 64), 'hex') })));
  expect(await letIn()).toEqual([true, true, true, true, true, true]);
  store.roster.setRemoved(gone, 2_000_000);
  store.relays.remove(hex('f', 32), 2_000_000);
  expect(await letIn()).toEqual([false, true, false, false, true, false]);
});

test('under NULL everybody is let in whom no back end refuses', async () => {
  const anybody = { ...request, mechanism: 'null', hopKey: Buffer.alloc(32) } as const;
  expect(await asked({})(anybody)).toBe(true);
  expect(await asked({ backEnd: nobody })(anybody)).toBe(false);
  expect(await asked({ removed: true, backEnd: everybody })(anybody)).toBe(true);
});
