import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

const hostile = '<img src=x onerror=alert(1)>\u202eturned';
const shown = '<img src=x onerror=alert(1)>⟨U+202E⟩turned';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 1 }), openBrowser()]);
  stack.startNode('attic', 1);
  const admin = await stack.signIn();
  await admin.nodesWhen((nodes) => nodes.some(({ sample }) => sample !== null));
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function rename(visit: Visit, before: string, name: string): Promise<void> {
  await visit.page.getByRole('button', { name: 'Rename…' }).click();
  const dialog = visit.page.getByRole('dialog', { name: `Rename ${before}` });
  await dialog.getByLabel('Name').and(visit.page.locator(':focus')).fill(name);
  await dialog.getByRole('button', { name: 'Rename node' }).click();
  await dialog.waitFor({ state: 'detached' });
}

test('a node is called as an admin names it, in every window, after a restart too, and by its host name again', async () => {
  await using other = await Visit.open(browser, stack);
  await other.signIn(stack);
  await using visit = await Visit.open(browser, stack, { viewport: phone });
  await visit.signIn(stack);
  await visit.card('attic').getByRole('link').click();
  await rename(visit, 'attic', hostile);
  await visit.page.getByRole('heading', { name: shown, level: 1 }).waitFor();
  await visit.page.getByText('Host name attic').waitFor();
  expect([await visit.page.locator('img').count(), await visit.overhang()]).toEqual([0, 0]);
  await other.card(shown).waitFor();

  await stack.master.stop();
  await stack.restartMaster();
  await other.page.reload();
  await other.card(shown).waitFor();
  await visit.page.getByText('Live', { exact: true }).waitFor({ timeout: 40_000 });
  await visit.page.getByRole('button', { name: 'Rename…' }).click();
  await visit.page.keyboard.press('Delete');
  await visit.page.keyboard.press('Enter');
  await visit.page.getByRole('heading', { name: 'attic', level: 1 }).waitFor();
  expect(await visit.page.getByText('Host name attic').count()).toBe(0);
  for (const each of [visit, other])
    each.pardon(/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/);
}, 120_000);
