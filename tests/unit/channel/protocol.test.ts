import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as constants from '@sealcast/channel/constants';
import { Refusal, refusalCodes } from '@sealcast/channel/errors';
import { directions } from '@sealcast/channel/envelope';
import { downKinds, kinds, upKinds } from '@sealcast/channel/frame';

const page = readFileSync(new URL('../../../PROTOCOL.md', import.meta.url), 'utf8');

/** The rows of the tables of one section, each its cells. */
function rowsOf(heading: string): string[][] {
  const section = page.split(`\n${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function quoted(cell = ''): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, text]) => text ?? '');
}

/** Numbers as the page writes them: 2048, 2²⁴, 2²⁴ + 2¹⁶. */
function valueOf(text: string): number {
  const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const power = (digits: string) => Number(Array.from(digits, (digit) => superscripts.indexOf(digit)).join(''));
  const terms = text.split(' + ').map((term) => {
    const [, base = term, exponent] = /^(\d)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(term) ?? [];
    return exponent === undefined ? Number(base) : Number(base) ** power(exponent);
  });
  return terms.reduce((sum, term) => sum + term);
}

function directionOf(kind: number): string {
  const down = [kinds.offer, kinds.welcome, kinds.refusal].some((join) => join === kind) || downKinds.has(kind);
  const up = [kinds.hello, kinds.confirm].some((join) => join === kind) || upKinds.has(kind);
  return up ? 'up' : down ? 'down' : 'group';
}

describe('PROTOCOL.md', () => {
  it('has every constant of the code, with its value', () => {
    const written = rowsOf('## Constants')
      .slice(1)
      .flatMap(([names, values]) => {
        const numbers = (values ?? '').split(', ');
        return quoted(names).map((name, index): [string, number] => [name, valueOf(numbers[index] ?? '')]);
      });
    expect(Object.fromEntries(written)).toEqual({ ...constants });
  });

  it('has every error code of the code, in its order', () => {
    const written = rowsOf('## Error codes')
      .slice(1)
      .flatMap(([codes]) => quoted(codes));
    expect(written).toEqual([...refusalCodes]);
  });

  it('has every kind of the code, with its number and direction', () => {
    const rows = rowsOf('## The envelope').filter(([number]) => number?.startsWith('0x'));
    const written = rows.map(([number, name, direction]) => [name?.toLowerCase(), Number(number), direction]);
    expect(written).toEqual(Object.entries(kinds).map(([name, kind]) => [name, kind, directionOf(kind)]));
    expect(directions).toEqual({ up: 1, down: 2, group: 3 });
  });
});

describe('a refusal', () => {
  it('says its code and nothing else', () => {
    const refusal = new Refusal('seal.open');
    expect(refusal).toMatchObject({ name: 'Refusal', message: 'seal.open', code: 'seal.open' });
    expect(Object.keys(refusal).toSorted()).toEqual(['code', 'name']);
  });
});
