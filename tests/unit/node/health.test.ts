import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerHealth, askHealth } from '@sealcast/node/health';
import { expect, test } from 'vitest';

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'sealcast-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('a node that is live says so, and one that is not says that', async () => {
  using state = folder();
  let isLive = false;
  await using server = await answerHealth(state.path, () => isLive);
  expect(server.listening).toBe(true);
  expect(await askHealth(state.path)).toBe(false);
  isLive = true;
  expect(await askHealth(state.path)).toBe(true);
});

test('where no node runs there is no health', async () => {
  using state = folder();
  expect(await askHealth(state.path)).toBe(false);
});

test('a socket that a killed node left behind is taken over', async () => {
  using state = folder();
  const older = await answerHealth(state.path, () => false);
  await using server = await answerHealth(state.path, () => true);
  expect(server.listening).toBe(true);
  expect(await askHealth(state.path)).toBe(true);
  older.close();
});
