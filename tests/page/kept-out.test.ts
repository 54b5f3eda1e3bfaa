import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

let folder: string;
let list: string;
let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealcast-list-'));
  list = join(folder, 'hop-keys');
  await writeFile(list, '# nobody yet\n');
  [stack, browser] = await Promise.all([
    Stack.start({ invites: 1, master: { report_interval: '1', mq_zap_file: list } }),
    openBrowser(),
  ]);
  stack.startNode('attic', 1);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a node that the operator’s list leaves out is no healthy one, and its page says what to write', async () => {
  await using visit = await Visit.open(browser, stack, { viewport: phone });
  await visit.signIn(stack);
  const card = visit.page.getByRole('article');
  await card.getByText('May not report: its key is refused').waitFor();
  expect(await card.getByRole('img', { name: 'Away' }).count()).toBe(1);
  await visit.page.getByTitle('Table').click();
  await visit.page.getByRole('table').getByRole('link').first().click();
  const told = visit.page.getByRole('region', { name: 'This node has joined, but may not report' });
  await told.getByText('add this line to that file').waitFor();
  expect(await visit.overhang()).toBe(0);
  const key = await told.getByLabel('Its key').innerText();

  await writeFile(list, `${key}\n`);
  await told.waitFor({ state: 'detached', timeout: 60_000 });
  await visit.page.getByRole('heading', { name: 'attic', level: 1 }).waitFor();
  expect(await visit.sees(visit.page.getByText(/^Alive, reported/))).toBe(true);
}, 120_000);
