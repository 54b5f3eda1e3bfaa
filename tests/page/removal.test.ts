import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documented } from '../documents/commands.ts';
import { Stack } from '../stack/stack.ts';
import { openBrowser, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 3 }), openBrowser()]);
  for (const [i, name] of ['attic', 'barn', 'cellar'].entries()) stack.startNode(name, i + 1);
  const admin = await stack.signIn();
  await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => sample !== null).length === 3);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function nodePage(name: string): Promise<Visit> {
  const visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.card(name).getByRole('link').click();
  await visit.page.getByRole('heading', { name, level: 1 }).waitFor();
  return visit;
}

test('a node that is removed by keyboard goes from every window, and is told apart from one that never was', async () => {
  await using fleet = await Visit.open(browser, stack);
  await fleet.signIn(stack);
  await fleet.card('barn').waitFor();
  await using other = await nodePage('barn');
  await using visit = await nodePage('barn');
  await visit.page.getByRole('button', { name: 'Remove…' }).press('Enter');
  const dialog = visit.page.getByRole('dialog', { name: 'Remove barn?' });
  expect(await dialog.innerText()).toMatch(/session ends now[^]*can’t come back[^]*history[^]*files[^]*not deleted/);
  expect(await dialog.getByLabel('Run this on the machine, to take it away').innerText()).toBe(
    documented('docs/install-node.md', 'sudo /opt/sealcast-node/setup remove'),
  );
  await dialog.getByRole('button', { name: 'Cancel' }).and(visit.page.locator(':focus')).waitFor();
  await visit.page.keyboard.press('Tab');
  await visit.page.keyboard.press('Enter');
  await visit.card('attic').waitFor();
  expect(await visit.card('barn').count()).toBe(0);
  await fleet.card('barn').waitFor({ state: 'detached' });
  await fleet.card('attic').waitFor();
  await other.page.getByRole('heading', { name: 'This node was removed' }).waitFor();
}, 120_000);

test('the confirmation begins at Cancel, and Escape, Cancel and a click beside it keep the node', async () => {
  await using visit = await nodePage('attic');
  const dialog = visit.page.getByRole('dialog', { name: 'Remove attic?' });
  const remove = visit.page.getByRole('button', { name: 'Remove…' });
  const leaves = [
    () => visit.page.keyboard.press('Enter'),
    () => visit.page.keyboard.press('Escape'),
    () => visit.page.mouse.click(5, 5),
  ];
  for (const leave of leaves) {
    await remove.click();
    await dialog.waitFor();
    const focused = dialog.getByRole('button', { name: 'Cancel' }).and(visit.page.locator(':focus'));
    await focused.waitFor();
    await leave();
    await dialog.waitFor({ state: 'detached' });
    await remove.and(visit.page.locator(':focus')).waitFor();
  }
  await visit.goTo('Fleet');
  expect(await visit.sees(visit.card('attic'))).toBe(true);
});

test('Escape closes the confirmation alone, and not the broadcast beside it', async () => {
  await using visit = await nodePage('attic');
  await visit.page.getByRole('button', { name: 'Broadcast to it' }).click();
  await visit.page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = visit.page.getByRole('dialog');
  await dialog.waitFor();
  await visit.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await visit.page.getByRole('complementary', { name: 'Broadcast' }).count()).toBe(1);
});

test('a removal that does not come about says why, and the node stays', async () => {
  await using visit = await nodePage('cellar');
  await visit.page.getByRole('button', { name: 'Remove…' }).click();
  await stack.master.stop();
  const dialog = visit.page.getByRole('dialog', { name: 'Remove cellar?' });
  await dialog.getByRole('button', { name: 'Remove node' }).click();
  await dialog.getByRole('alert').getByText('The master does not answer.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await visit.sees(visit.page.getByRole('heading', { name: 'cellar', level: 1 }))).toBe(true);
  visit.pardon(/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/);
});
