import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readMetricsToken } from '@sealcast/master/metrics/metrics-token';

const folder = mkdtempSync(join(tmpdir(), 'sealcast-token-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'metrics.token');
const token = 'k'.repeat(43);

function written(text: string, mode = 0o600) {
  writeFileSync(file, text);
  chmodSync(file, mode);
  return readMetricsToken(file);
}

test('whoever shows the token is let in, and nobody else', () => {
  const shows = written(`${token}\n`);
  for (const header of [`Bearer ${token}`, `bearer ${token}`, `Bearer  ${token}`]) expect(shows?.(header)).toBe(true);
  const others = [
    undefined,
    '',
    token,
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    `Bearer ${token}k`,
    `Bearer ${token.slice(1)}`,
    `Bearer ${'K'.repeat(43)}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${token}\n`,
  ];
  expect(others.filter((header) => shows?.(header) !== false)).toEqual([]);
});

test('without a file there is nobody to let in', () => {
  expect(readMetricsToken(join(folder, 'none'))).toBeUndefined();
});

test.each(['', '\n', 'short', 'a b'.repeat(20), 'ä'.repeat(40), 'k'.repeat(257)])('%j is no token', (text) => {
  expect(() => written(text)).toThrow('holds no token of 32 to 256 characters');
});

test('a token that others can read lets the master not start', () => {
  expect(() => written(token, 0o640)).toThrow('others can read it');
});
