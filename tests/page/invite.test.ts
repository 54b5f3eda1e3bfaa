import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 1 }), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function adding(): Promise<Visit> {
  const visit = await Visit.open(browser, stack, { permissions: ['clipboard-read', 'clipboard-write'] });
  await visit.signIn(stack);
  await visit.goTo('Add a node');
  return visit;
}

async function make(visit: Visit, label: string): Promise<string> {
  await visit.page.getByLabel('Label', { exact: true }).fill(label);
  await expect.poll(() => visit.page.getByLabel('This master’s address').inputValue()).toBe('127.0.0.1');
  await visit.page.getByRole('button', { name: 'Make an invite' }).click();
  return await visit.page.getByLabel('Or take the invite alone').innerText();
}

test('a node that starts with an invite from the page appears on it', async () => {
  await using visit = await adding();
  const invite = await make(visit, 'the loft');
  expect(invite).toMatch(/^sealcast1:[\w-]+$/);
  expect(await visit.page.getByLabel('Run this on the machine').innerText()).toContain(`echo '${invite}' | `);
  await visit.page.getByRole('status').getByText('Waiting for the machine to join…').waitFor();
  stack.startNode('loft', 0, { mq_invite_code: invite });
  const joined = visit.page.getByRole('status').filter({ hasText: /^the loft joined$/ });
  await joined.getByRole('link', { name: 'the loft' }).click();
  await visit.page.getByRole('heading', { name: 'the loft', level: 1 }).waitFor();
  await visit.page.getByText('Host name loft').waitFor();
  await visit.goTo('Fleet');
  await visit.card('the loft').getByRole('img', { name: 'Alive' }).waitFor();
  await visit.goTo('Add a node');
  await visit.page.getByText(/^Used, expired and withdrawn/).click();
  await visit.page
    .getByRole('listitem')
    .filter({ hasText: 'the loft' })
    .getByRole('link', { name: 'the loft' })
    .waitFor();
});

test('the line to run is copied as it stands', async () => {
  await using visit = await adding();
  await make(visit, 'copied');
  await visit.page.getByRole('button', { name: 'Copy' }).first().click();
  await visit.page.getByText('Copied', { exact: true }).waitFor();
  const line = await visit.page.getByLabel('Run this on the machine').innerText();
  expect(await visit.page.evaluate<string>('navigator.clipboard.readText()')).toBe(line);
});

test('an invite is shown whole, on a phone too, and an end without a machine is told', async () => {
  await using visit = await adding();
  const invite = await make(visit, 'whole');
  const box = visit.page.getByLabel('Or take the invite alone');
  const hidden = () => box.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
  expect(await hidden()).toBe(0);
  await visit.page.setViewportSize(phone);
  expect([await hidden(), await visit.overhang()]).toEqual([0, 0]);
  await visit.page.getByRole('button', { name: 'Copy' }).last().click();
  await visit.page.getByText('Copied', { exact: true }).waitFor();
  expect(await visit.page.evaluate<string>('navigator.clipboard.readText()')).toBe(invite);
  const row = visit.page.getByRole('listitem').filter({ hasText: 'whole' });
  await row.getByRole('button', { name: 'Withdraw whole' }).click();
  await row.getByRole('button', { name: 'Withdraw it' }).click();
  expect(await visit.sees(visit.page.getByRole('status').getByText('It was withdrawn, unused.'))).toBe(true);
});

test('an invite is shown once', async () => {
  await using visit = await adding();
  await make(visit, 'once');
  await visit.page.getByRole('button', { name: 'Done, make another' }).click();
  await visit.page.getByRole('listitem').filter({ hasText: 'once' }).waitFor();
  expect(await visit.page.locator('body').innerText()).not.toContain('sealcast1:');
});

test('an invite that is withdrawn is open no more', async () => {
  await using visit = await adding();
  await make(visit, 'withdrawn again');
  const row = visit.page.getByRole('listitem').filter({ hasText: 'withdrawn again' });
  await row.getByRole('button', { name: 'Withdraw withdrawn again' }).click();
  await row.getByRole('button', { name: 'Withdraw it' }).click();
  await row.waitFor({ state: 'hidden' });
  await visit.page.getByText(/^Used, expired and withdrawn/).click();
  expect(await visit.sees(row.getByText(/^Withdrawn/))).toBe(true);
});

test('an address that is none is refused with a sentence', async () => {
  await using visit = await adding();
  await visit.page.getByLabel('Label', { exact: true }).fill('nowhere');
  await visit.page.getByLabel('This master’s address').fill('no such/place');
  await visit.page.getByRole('button', { name: 'Make an invite' }).click();
  const refusal = visit.page.getByRole('alert').filter({ hasText: 'Name the host or the address' });
  expect(await visit.sees(refusal)).toBe(true);
  visit.pardon(/400 .*\/api\/invites$/);
});

test('an address that only this machine can reach says so', async () => {
  await using visit = await adding();
  const address = visit.page.getByLabel('This master’s address');
  await expect.poll(() => address.inputValue()).toBe('127.0.0.1');
  const hint = visit.page.getByText('Only a node on the master’s own machine reaches this one');
  expect(await visit.sees(hint)).toBe(true);
  await address.fill('master.lan');
  await hint.waitFor({ state: 'hidden' });
});
