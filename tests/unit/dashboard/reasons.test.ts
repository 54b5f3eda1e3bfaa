import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cutReasons as cutCodes } from '@sealcast/hop/front/cuts';
import { expect, test } from 'vitest';
import { cutReasons } from '../../../services/dashboard/src/security/cut-reasons.ts';
import { refusalReasons } from '../../../services/dashboard/src/security/refusal-reasons.ts';
import { tallies } from '../../../services/dashboard/src/security/tallies.ts';

/** The codes of PROTOCOL.md's table, in its order. */
async function specifiedCodes(): Promise<string[]> {
  const protocol = await readFile(join(import.meta.dirname, '../../../PROTOCOL.md'), 'utf8');
  const section = /\n## Error codes\n([^]*?)\n## /.exec(protocol)?.[1] ?? '';
  const cells = section.split('\n').flatMap((row) => /^\| (`.+?`) \|/.exec(row)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z.-]+)`/g)].map(([, code = '']) => code));
}

test('the page has a sentence for every error code of PROTOCOL.md, and for no other', async () => {
  const codes = await specifiedCodes();
  expect(codes.length).toBeGreaterThan(30);
  expect(Object.keys(refusalReasons).toSorted()).toEqual(codes.toSorted());
});

test('the page has a sentence for every reason to cut a connection, and for no other', () => {
  expect(Object.keys(cutReasons).toSorted()).toEqual([...cutCodes].toSorted());
});

test('every reason is told in one sentence of its own', () => {
  const sentences = [...Object.values(refusalReasons), ...Object.values(cutReasons)].map(({ sentence }) => sentence);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^.]+\.$/);
  expect(new Set(sentences).size).toBe(sentences.length);
});

test('what has come is listed, the most frequent first, and a reason without words asks for a look', () => {
  const list = tallies({
    counts: { 'key.unknown': 7, 'seal.open': 0, 'some.thing': 2 },
    cuts: { 'cut.removed': 9, 'cut.crowd': 0 },
  });
  expect(list.map(({ code, of, number }) => [code, of, number])).toEqual([
    ['cut.removed', 'connection', 9],
    ['key.unknown', 'frame', 7],
    ['some.thing', 'frame', 2],
  ]);
  expect(list.map(({ suspect }) => suspect)).toEqual([false, false, true]);
});
