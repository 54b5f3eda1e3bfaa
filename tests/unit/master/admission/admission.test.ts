import type { Admits, Verdict } from '@sealcast/hop/admission';
import { admission, type BackEnd, type Doorkeeping } from '@sealcast/master/admission/back-end';
import { afterEach, expect, test } from 'vitest';
import { enrolled, hex, scratchStore } from '../store/scratch-store.ts';

const key = Buffer.alloc(32, 0xaa);
const request = { domain: 'data', address: '10.0.0.1', mechanism: 'curve', hopKey: key } as const;
const everybody: BackEnd = { setting: 'mq_zap_file', allows: () => true };
const nobody: BackEnd = { setting: 'mq_zap_file', allows: () => Promise.resolve(false) };
const broken: BackEnd = { setting: 'mq_zap_command', allows: () => Promise.reject(new Error('broken')) };
const ignored = () => undefined;

const live: Disposable[] = [];
afterEach(() => {
  for (const scratch of live.splice(0)) scratch[Symbol.dispose]();
});

interface Situation {
  roster?: Verdict;
  backEnd?: BackEnd;
  removed?: boolean;
  decided?: Doorkeeping['decided'];
}

function asked({ roster = false, backEnd, removed = false, decided = ignored }: Situation): Admits {
  const scratch = scratchStore();
  live.push(scratch);
  if (removed) scratch.store.roster.setRemoved(enrolled(scratch.store, 'a'), 2_000_000);
  return admission({ store: scratch.store, roster: () => roster, backEnd, decided });
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
  store.relays.add({ id: hex('f', 32), up: hex('f', 64), name: 'barn', line: '', addedAt: 1, seenAt: null });
  const admits = admission({ store, roster: () => false, backEnd: everybody, decided: ignored });
  const digits = ['a', 'b', 'c', 'd', 'e', 'f'];
  const letIn = () =>
    Promise.all(digits.map(async (digit) => admits({ ...request, hopKey: Buffer.from(hex(digit, 64), 'hex') })));
  expect(await letIn()).toEqual([true, true, true, true, true, true]);
  store.roster.setRemoved(gone, 2_000_000);
  store.relays.remove(hex('f', 32), 2_000_000);
  expect(await letIn()).toEqual([false, true, false, false, true, false]);
});

test('a back end is told whom the roster or the relays know, and not asked about who was removed', async () => {
  const questions: unknown[] = [];
  const backEnd: BackEnd = { setting: 'mq_zap_command', allows: ({ isKnown }) => questions.push(isKnown) > 0 };
  await asked({ roster: true, backEnd })(request);
  await asked({ roster: 'relay', backEnd })(request);
  await asked({ backEnd })(request);
  await asked({ backEnd })({ ...request, mechanism: 'null' });
  await asked({ removed: true, backEnd })(request);
  expect(questions).toEqual([true, true, false, true]);
});

test('under NULL everybody is let in whom no back end refuses', async () => {
  const anybody = { ...request, mechanism: 'null', hopKey: Buffer.alloc(32) } as const;
  expect(await asked({})(anybody)).toBe(true);
  expect(await asked({ backEnd: nobody })(anybody)).toBe(false);
  expect(await asked({ removed: true, backEnd: everybody })(anybody)).toBe(true);
});

test('what a back end says of those whom the roster knows is told, and nothing of others', async () => {
  const told: unknown[] = [];
  const decided = (hopKey: Uint8Array, isAllowed: boolean, by: string) =>
    told.push([Buffer.from(hopKey).toString('hex').slice(0, 2), isAllowed, by]);
  await asked({ roster: true, backEnd: nobody, decided })(request);
  await asked({ roster: 'relay', backEnd: everybody, decided })(request);
  await expect(async () => await asked({ roster: true, backEnd: broken, decided })(request)).rejects.toThrow('broken');
  expect(told).toEqual([
    ['aa', false, 'mq_zap_file'],
    ['aa', true, 'mq_zap_file'],
    ['aa', false, 'mq_zap_command'],
  ]);
  told.length = 0;
  await asked({ backEnd: nobody, decided })(request);
  await asked({ backEnd: everybody, decided })(request);
  await asked({ roster: true, decided })(request);
  const anybody = { ...request, mechanism: 'null', hopKey: Buffer.alloc(32) } as const;
  await asked({ roster: true, backEnd: nobody, decided })(anybody);
  expect(told).toEqual([]);
});
