import { existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveFile } from '@sealcast/runtime/live-file';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  path = join(folder, 'live');
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test('what a killed program left behind does not count', () => {
  writeFileSync(path, '');
  expect(new LiveFile(path)).toBeDefined();
  expect(existsSync(path)).toBe(false);
});

test('it is there while it is kept, and touched every ten seconds', () => {
  const file = new LiveFile(path);
  file.keep();
  utimesSync(path, 1, 1);
  vi.advanceTimersByTime(10_000);
  expect(statSync(path).mtimeMs).toBeGreaterThan(1_000_000);
  file.remove();
  expect(existsSync(path)).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(existsSync(path)).toBe(false);
});

test('where it cannot be written the program does not start', () => {
  expect(() => new LiveFile(join(folder, 'no', 'such', 'folder'))).toThrow("can't be written; name a file on a tmpfs");
});
