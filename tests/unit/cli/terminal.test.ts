import { bytes, duration, moment } from '@sealcast/cli/terminal/quantity';
import { harmless, harmlessLine } from '@sealcast/cli/terminal/harmless';
import { type Cell, table, truncated } from '@sealcast/cli/terminal/table';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes as bytesOnPage } from '../../../services/dashboard/src/format/quantity.ts';

const plain = (_: string, text: string): string => text;
const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));

const marked = (style: string, text: string) => `<${style}>${text}</>`;

test('columns are as wide as what stands in them, numbers end together, and no line ends in blanks', () => {
  const columns = [{ title: 'NODE' }, { title: 'CPU', align: 'right' as const }, { title: 'ID' }];
  const rows = [cells('attic', '5 %', ''), cells('b', '100 %', 'x')];
  expect(table(columns, rows, Number.POSITIVE_INFINITY, plain)).toBe(
    'NODE     CPU  ID\nattic    5 %\nb      100 %  x\n',
  );
});

test('where it is narrow, what may shrink does, and says that it was cut', () => {
  const columns = [{ title: 'NODE', shrinksTo: 6 }, { title: 'STATE' }, { title: 'ID', shrinksTo: 4 }];
  expect(table(columns, [cells('a-long-name', 'alive', '0123456789')], 20, plain)).toBe(
    'NODE    STATE  ID\na-lon…  alive  0123…\n',
  );
  expect(table(columns, [cells('a-long-name', 'alive', '0123456789')], 9, plain)).toBe(
    'NODE    STATE  ID\na-lon…  alive  012…\n',
  );
});

test('where that is not enough, columns that can be spared go, one after the other', () => {
  const columns = [{ title: 'NODE' }, { title: 'TEMP', spare: 1 }, { title: 'UP', spare: 2 }];
  const at = (width: number) => table(columns, [cells('attic', '40', '3 d')], width, plain);
  expect([at(16), at(15), at(10)]).toEqual([
    'NODE   TEMP  UP\nattic  40    3 d\n',
    'NODE   TEMP\nattic  40\n',
    'NODE\nattic\n',
  ]);
});

test('a style covers the text of a cell, and does not count as width', () => {
  const rows = [[{ text: 'up', style: 'green' as const }, { text: 'x' }]];
  expect(table([{ title: 'STATE' }, { title: 'ID' }], rows, 80, marked)).toBe(
    '<dim>STATE</>  <dim>ID</>\n<green>up</>     x\n',
  );
});

test('wide characters count as two, and what is cut stays whole', () => {
  expect(truncated('東京の機械', 6)).toBe('東京…');
  expect(truncated('naïve', 5)).toBe('naïve');
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.integer({ min: 1, max: 20 }), (text, width) => {
      expect(truncated(text, width).length).toBeLessThanOrEqual(Math.min(width, text.length));
    }),
  );
});

test('what others wrote moves no cursor, colours nothing and turns no text', () => {
  expect(harmless('a\u001b[31mred\u0007\u202etxt.exe\u200b\u2066\ufeff\n\tend\u009b2J')).toBe(
    'a[31mredtxt.exe\n\tend2J',
  );
  expect(harmlessLine('one\n\ttwo')).toBe('one two');
  const anything = fc.array(fc.integer({ min: 0, max: 0x2fff })).map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(anything, (text) => {
      expect(harmless(text)).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}/u);
    }),
  );
});

test.each([0, 999, 1000, 1234, 99_999, 25_340_000_000, 270_582_939_648])('%d bytes are what the page says', (size) => {
  expect(bytes(size)).toBe(bytesOnPage(size).replace('\u00a0', ' '));
});

test('quantities are short', () => {
  expect([0, 119, 120, 7199, 7200, 172_799, 172_800].map(duration)).toEqual([
    '0 s',
    '119 s',
    '2 min',
    '119 min',
    '2 h',
    '47 h',
    '2 d',
  ]);
  expect(moment(new Date(2026, 10, 30, 8, 5).getTime())).toBe('2026-11-30 08:05');
});
