import { cp } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 1, master: { report_interval: '1' } }), openBrowser()]);
  stack.startNode('attic', 1);
  const admin = await stack.signIn();
  await admin.nodesWhen((nodes) => nodes.some(({ sample }) => sample !== null));
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

const warning = 'Another machine is using this node’s identity';

test('a second machine with a node’s identity is shown, and let in where a person decides so', async () => {
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  const card = visit.card('attic');
  await card.getByRole('img', { name: 'Alive' }).waitFor();
  expect(await card.getByText(warning).count()).toBe(0);

  await cp(stack.stateOf('attic'), stack.stateOf('copy'), { recursive: true });
  const copy = stack.startNode('copy', 1, { node_name: 'attic' });
  await card.getByText(warning).waitFor();
  expect(await card.innerText()).toMatch(/since \d\d:\d\d/);
  await visit.page.getByTitle('Table').click();
  await visit.page.getByRole('row', { name: 'attic' }).getByText('Another machine uses its identity').waitFor();
  await visit.page.getByRole('table').getByRole('link', { name: 'attic' }).click();
  const told = visit.page.getByRole('region', { name: warning });
  expect(await told.innerText()).toMatch(/Since \d\d:\d\d[^]*delete the node’s state folder[^]*new invite/);

  await copy.stop('SIGKILL');
  await told.getByRole('button', { name: 'Let it in instead' }).click();
  const dialog = visit.page.getByRole('dialog', { name: 'Let the other machine in?' });
  await dialog.getByRole('button', { name: 'Cancel' }).and(visit.page.locator(':focus')).waitFor();
  await stack.nodes.get('attic')?.stop('SIGKILL');
  await dialog.getByRole('button', { name: 'Let it in' }).click();
  await dialog.waitFor({ state: 'detached' });
  await told.waitFor({ state: 'detached' });
  await stack.startNode('copy', 1, { node_name: 'attic' }).says('joined the master');
  await visit.page.getByText(/^Alive, reported (just now|1\ss ago)/).waitFor();
  expect(await told.count()).toBe(0);
}, 120_000);
