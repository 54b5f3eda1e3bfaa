import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 1 }), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

test('whoever signs in with the first password sees what to do while there are no nodes', async () => {
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.page.getByRole('heading', { name: 'No nodes yet' }).waitFor();
  await visit.page.getByRole('main').getByRole('link', { name: 'Add a node' }).click();
  expect(await visit.sees(visit.page.getByRole('heading', { name: 'Add a node' }))).toBe(true);
});

test('signing out leaves nothing on the page, and a reload does not come back in', async () => {
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.page.getByRole('button', { name: 'Sign out' }).click();
  await visit.page.getByRole('button', { name: 'Sign in' }).waitFor();
  await visit.page.reload();
  await visit.page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await visit.page.getByRole('navigation').count()).toBe(0);
  visit.pardon(/401 .*\/api\/session$/);
});

test('a session that ends elsewhere asks to sign in again', async () => {
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.page.getByText('Live', { exact: true }).waitFor();
  await visit.page.context().request.delete(`${stack.url}/api/session`);
  expect(await visit.sees('Your session has ended.')).toBe(true);
  visit.pardon(/401 .*\/api\//);
});

test('the page works below a path of its own, with and without a slash at the end', async () => {
  await using below = await Stack.start({ invites: 1, master: { server_virtual_host: '/sealcast' } });
  await using visit = await Visit.open(browser, below);
  await visit.signIn(below);
  await visit.page.getByRole('heading', { name: 'No nodes yet' }).waitFor();
  await visit.page.goto(below.url);
  expect(await visit.sees(visit.page.getByRole('heading', { name: 'No nodes yet' }))).toBe(true);
  expect(await visit.sees(visit.page.getByText('Live', { exact: true }))).toBe(true);
});

test('a wrong password is refused, and after some more the page says how long to wait', async () => {
  await using visit = await Visit.open(browser, stack);
  await visit.trySigningIn('admin', 'wrong');
  await visit.page.getByText('The name or the password is wrong.').waitFor();
  let status = 401;
  for (let tries = 0; tries < 12 && status === 401; tries += 1) {
    const answer = visit.page.waitForResponse(/\/api\/session$/);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    status = (await answer).status();
    await visit.page.getByRole('button', { name: /^(Sign in|Try again in)/ }).waitFor();
  }
  expect(status).toBe(429);
  const waiting = visit.page.getByRole('button', { name: /^Try again in \d+\ss$/ });
  expect(await waiting.isDisabled()).toBe(true);
  const told = visit.page.getByRole('alert').getByText(/^Too many tries\. The next one can be made in \d+\ss\.$/);
  await told.waitFor();
  await visit.page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await told.count()).toBe(0);
  visit.pardon(/(401|429) .*\/api\/session$/);
});
