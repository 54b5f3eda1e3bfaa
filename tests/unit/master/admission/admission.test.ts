import type { Admits, Verdict } from '@sealcast/hop/admission';
import { admission, type BackEnd } from '@sealcast/master/admission/back-end';
import { afterEach, expect, test } from 'vitest';
import { enrolled, scratchStore } from '../store/scratch-store.ts';

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

test('under NULL everybody is let in whom no back end refuses', async () => {
  const anybody = { ...request, mechanism: 'null', hopKey: Buffer.alloc(32) } as const;
  expect(await asked({})(anybody)).toBe(true);
  expect(await asked({ backEnd: nobody })(anybody)).toBe(false);
  expect(await asked({ removed: true, backEnd: everybody })(anybody)).toBe(true);
});
