import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 2, master: { report_interval: '1' } }), openBrowser()]);
  stack.startNode('attic', 1);
  stack.startNode('barn', 2);
  const admin = await stack.signIn();
  await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => sample !== null).length === 2);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function panel(options: Parameters<typeof Visit.open>[2] = {}): Promise<Visit> {
  const visit = await Visit.open(browser, stack, options);
  await visit.signIn(stack);
  await visit.card('barn').waitFor();
  await visit.page.getByRole('button', { name: 'Broadcast', exact: true }).click();
  return visit;
}

test('a text for everyone is confirmed by every node, on the page and in the history', async () => {
  const text = '<script>alert(1)</script>\nthe kettle is on';
  await using visit = await panel();
  await visit.page.getByLabel('Text').fill(text);
  await visit.page.getByRole('button', { name: /^Broadcast to all 2\snodes$/ }).click();
  await visit.page.getByText('2 of 2 confirmed').waitFor();
  const receipts = visit.page.getByRole('complementary').getByRole('listitem');
  expect(await receipts.count()).toBe(2);
  for (const name of ['attic', 'barn']) {
    const receipt = receipts.filter({ hasText: name });
    expect(await receipt.innerText()).toMatch(/Done[^]*\d\d:\d\d:\d\d \+[\d.]+\s(ms|s)/);
    await stack.nodes.get(name)?.line((line) => line['text'] === text);
  }
  await visit.goTo('Broadcasts');
  await visit.page.getByRole('main').getByText(text).waitFor();
});

test('on a phone the panel goes with the page that it lay over, and the draft is kept', async () => {
  await using visit = await panel({ viewport: phone, hasTouch: true });
  await visit.page.getByLabel('Text').fill('half of a sentence');
  await visit.page.evaluate("location.hash = '#/security'");
  await visit.page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
  const shown = visit.page.getByRole('complementary', { name: 'Broadcast' });
  await shown.waitFor({ state: 'detached' });
  await visit.page.getByRole('button', { name: 'Broadcast', exact: true }).click();
  expect(await visit.page.getByLabel('Text').inputValue()).toBe('half of a sentence');
  await visit.page.setViewportSize({ width: 1280, height: 900 });
  await visit.goTo('Fleet');
  await visit.card('barn').waitFor();
  expect(await shown.count()).toBe(1);
});

test('nodes that are clicked get it, and the others do not', async () => {
  await using visit = await panel();
  await visit.page.getByLabel('Text').fill('for the barn');
  await visit.card('barn').click();
  expect(await visit.page.getByLabel(/^Picked nodes/).isChecked()).toBe(true);
  await visit.page.getByRole('button', { name: /^Broadcast to 1\snode$/ }).click();
  await visit.page.getByText('1 of 1 confirmed').waitFor();
  await stack.nodes.get('barn')?.line((line) => line['text'] === 'for the barn');
  expect(stack.nodes.get('attic')?.text).not.toContain('for the barn');
});

test('a new reporting interval is taken over by the nodes that are picked from the list', async () => {
  await using visit = await panel();
  await visit.page.getByRole('radio', { name: 'Reporting interval' }).check();
  await visit.page.getByLabel('Report every').fill('2');
  await visit.page.getByLabel(/^Picked nodes/).check();
  await visit.page.getByLabel('Find nodes to pick').fill('att');
  await visit.page.getByRole('list', { name: 'Nodes to pick' }).getByRole('checkbox').check();
  await visit.page.getByRole('button', { name: /^Broadcast to 1\snode$/ }).click();
  await visit.page.getByText('1 of 1 confirmed').waitFor();
  await visit.page.getByRole('button', { name: 'Close the broadcast panel' }).click();
  await visit.card('attic').getByRole('link').click();
  expect(await visit.sees(visit.page.getByText(/every 2\ss/))).toBe(true);
});

test('nothing is sent while something is missing, and the page says what', async () => {
  await using visit = await panel();
  await visit.page.getByRole('button', { name: /^Broadcast to all/ }).click();
  await visit.page.getByRole('alert').getByText('Write what to say.').waitFor();
  await visit.page.getByLabel(/^Picked nodes/).check();
  await visit.page.getByRole('alert').getByText('Pick at least one node.').waitFor();
  await visit.page.getByLabel('Everyone').check();
  await visit.page.getByRole('radio', { name: 'Reporting interval' }).check();
  await visit.page.getByLabel('Report every').fill('3601');
  await visit.page.getByRole('button', { name: /^Broadcast to all/ }).click();
  const invalid = visit.page.locator('#interval-seconds:invalid');
  expect(await invalid.count()).toBe(1);
});

test('a node that is away is waited for, and confirms when it is back', async () => {
  await stack.nodes.get('barn')?.stop();
  await using visit = await panel();
  await visit.card('barn').getByRole('img', { name: 'Away' }).waitFor();
  await visit.page.getByLabel('Text').fill('for those who come late');
  await visit.page.getByRole('button', { name: /^Broadcast to all/ }).click();
  const receipt = visit.page.getByRole('complementary').getByRole('listitem').filter({ hasText: 'barn' });
  await visit.page.getByText('1 of 2 confirmed').waitFor();
  // With the day where it is another one by then.
  expect(await receipt.innerText()).toMatch(/Waiting[^]*until (\d{1,2} \w{3} )?\d\d:\d\d$/m);
  stack.startNode('barn', 2);
  await visit.page.getByText('2 of 2 confirmed').waitFor({ timeout: 40_000 });
  expect(await receipt.innerText()).toMatch(/Done/);
});
