// PROTOCOL.md's table of attacks and this folder say the same.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const attacks = 42;

interface Row {
  number: number;
  file: string;
}

const rows: Row[] = readFileSync(join(root, 'PROTOCOL.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, file] = /^\| (\d+) \| .+ \| .+ \| \[.+\]\((tests\/attacks\/.+)\) \|$/.exec(line) ?? [];
    return number === undefined || file === undefined ? [] : [{ number: Number(number), file }];
  });

test('every attack of the table has a test, and every test stands in the table', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: attacks }, (_, index) => index + 1));
  const files = globSync('tests/attacks/*/*.test.ts', { cwd: root });
  expect(files.toSorted()).toEqual(rows.map(({ file }) => file).toSorted());
});

test.each(rows)('attack $number has the number of its file, and tests that run', ({ number, file }) => {
  expect(file).toMatch(new RegExp(`/${String(number).padStart(2, '0')}-[a-z0-9-]+\\.test\\.ts$`));
  const text = readFileSync(join(root, file), 'utf8');
  expect(text).toMatch(/^\s*test[.(]/m);
  expect(text).not.toMatch(/\b(?:test|describe|it)\.(?:skip|todo|only)\b/);
});
