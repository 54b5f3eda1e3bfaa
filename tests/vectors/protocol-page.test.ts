import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as constants from '@sealcast/channel/constants';
import { refusalCodes } from '@sealcast/channel/errors';
import { kinds } from '@sealcast/channel/frame';
import { expect, it } from 'vitest';
import { kinds as twinKinds } from '../twin/envelope.ts';

const page = readFileSync(join(import.meta.dirname, '../../PROTOCOL.md'), 'utf8');

/** The cells of every row of every table below a heading of PROTOCOL.md, without the tables' own headings. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  if (!section) throw new Error(`PROTOCOL.md has no heading ${heading}`);
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells, index) => !/^-+$/.test(cells[0] ?? '') && !lines[index + 1]?.startsWith('| -'));
}

function quoted(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `2²⁴ + 2¹⁶`, `65536`. */
function valueOf(text: string): number {
  return text
    .split('+')
    .map((term) => {
      const [, base = '', exponent = ''] = /^(\d+)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)$/.exec(term.trim()) ?? [];
      const power = Array.from(exponent, (digit) => superscripts.indexOf(digit)).join('');
      return power === '' ? Number(base) : Number(base) ** Number(power);
    })
    .reduce((sum, term) => sum + term);
}

it("the refusal codes are those of PROTOCOL.md's table, in its order", () => {
  const codes = rowsUnder('Error codes').flatMap(([code = '']) => quoted(code));
  expect(codes.length).toBeGreaterThan(30);
  expect(refusalCodes).toEqual(codes);
});

it("the constants are those of PROTOCOL.md's table", () => {
  const rows = rowsUnder('Constants').flatMap(([names = '', values = '']) => {
    const [named, valued] = [quoted(names), values.split(',')];
    expect(valued).toHaveLength(named.length);
    return named.map((name, index): [string, number] => [name, valueOf(valued[index] ?? '')]);
  });
  expect(rows.length).toBeGreaterThan(25);
  expect({ ...constants }).toEqual(Object.fromEntries(rows));
});

it("the kinds are those of PROTOCOL.md's table", () => {
  const rows = rowsUnder('The envelope').map(([kind = '', name = '']) => [name, Number(kind)]);
  expect(rows).toHaveLength(18);
  const named = (write: (words: string[]) => string) =>
    Object.fromEntries(rows.map(([name, kind]) => [write(String(name).split(' ')), kind]));
  expect(twinKinds).toEqual(named((words) => words.join('_')));
  expect(kinds).toEqual(
    named(
      ([first = '', ...rest]) =>
        first.toLowerCase() + rest.map((word) => `${word[0]}${word.slice(1).toLowerCase()}`).join(''),
    ),
  );
});

it('PROTOCOL.md names no error code that is not in its table', () => {
  const mentioned = quoted(page).filter((code) =>
    /^(frame|key|sequence|seal|payload|rate|signature|join|epoch|command|invite|hop)\.[a-z-]+$/.test(code),
  );
  expect(mentioned.filter((code) => !refusalCodes.some((known) => known === code))).toEqual([]);
});

it('the lengths that PROTOCOL.md gives a kind are those of its bytes', () => {
  const lengths = Array.from(page.matchAll(/A frame of exactly (\d+) bytes/g), ([, bytes]) => Number(bytes));
  expect(lengths).toEqual([1714, 1225, 97]);
});
