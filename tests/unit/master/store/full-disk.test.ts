// A migration where the disk has no room for a copy.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { openStore } from '../../../../services/master/src/store/store.ts';

vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  return { ...fs, statfsSync: full as unknown as typeof fs.statfsSync };
});

function full() {
  return { bavail: 4096, bsize: 4096 };
}

test('where there is no room for a copy, the database stays as it is and the sentence says how much is needed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-full-'));
  const file = join(folder, 'sealcast.db');
  const old = gunzipSync(readFileSync(join(import.meta.dirname, 'version-2.db.gz')));
  writeFileSync(file, old);
  expect(() => openStore(file)).toThrow(
    `the database ${file} can't be used: ${folder} has 16 MB free, and 17 MB are needed`,
  );
  expect(readdirSync(folder)).toEqual(['sealcast.db']);
  // The journal's mode stands in bytes 18 and 19, and a change is counted at 24 and 92: the rest is what it was.
  expect(readFileSync(file).subarray(100).equals(old.subarray(100))).toBe(true);
  rmSync(folder, { recursive: true });
});
