import { formatHop, parseHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import { randomBytes } from 'node:crypto';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RelayProcess } from '../stack/relay-process.ts';
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

async function adding(options: Parameters<typeof Visit.open>[2] = {}): Promise<{ visit: Visit; dialog: Locator }> {
  const visit = await Visit.open(browser, stack, options);
  await visit.signIn(stack);
  await visit.goTo('Add a node');
  await visit.page.getByRole('button', { name: 'Relays' }).click();
  const dialog = visit.page.getByRole('dialog', { name: 'Relays' });
  await dialog.getByRole('heading', { name: 'Add a relay' }).waitFor();
  return { visit, dialog };
}

function aHop(host: string) {
  return {
    host,
    data: [1, 2] as [number, number],
    join: [3, 4] as [number, number],
    curve: new Uint8Array(randomBytes(32)),
    up: new Uint8Array(randomBytes(32)),
  };
}

async function add(dialog: Locator, name: string, line: string): Promise<void> {
  await dialog.getByLabel('The relay’s line').fill(line);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Add relay' }).click();
}

test('a relay is given the master’s line, its own is pasted, and a node comes through it', async () => {
  const { visit: opened, dialog } = await adding();
  await using visit = opened;
  await dialog.getByText('None. Every node reaches this master directly.').waitFor();
  // As it goes between the quotes of README's command.
  await using relay = await RelayProcess.start(await dialog.getByLabel('This master’s line').innerText());

  // As somebody takes it from the relay's log, with all that stands around it.
  await add(dialog, 'North site', JSON.stringify(await relay.process.says('this relay is running')));
  await dialog.getByText('North site was added.').waitFor();
  await dialog.getByRole('listitem').filter({ hasText: 'North site' }).getByText('127.0.0.1').waitFor();
  await visit.page.keyboard.press('Escape');

  const address = visit.page.getByLabel('This master’s address');
  await address.waitFor();
  await visit.page.getByLabel('Through').selectOption({ label: 'North site (127.0.0.1)' });
  await address.waitFor({ state: 'detached' });
  await visit.page.getByLabel('Label', { exact: true }).fill('behind the relay');
  await visit.page.getByRole('button', { name: 'Make an invite' }).click();
  const invite = await visit.page.getByLabel('Or take the invite alone').innerText();
  expect(parseInvite(invite).data).toEqual(parseHop(await relay.line()).data);
  await relay.process.says('the way up is open');
  stack.startNode('loft', 0, { mq_invite_code: invite });
  await visit.goTo('Fleet');
  await visit.card('behind the relay').getByRole('img', { name: 'Alive' }).waitFor({ timeout: 60_000 });

  await visit.goTo('Add a node');
  await visit.page.getByRole('button', { name: 'Relays' }).click();
  const site = dialog.getByRole('listitem').filter({ hasText: 'North site' });
  await site.getByText(/^Connected since \d\d:\d\d/).waitFor();
  await relay.process.stop('SIGKILL');
  expect(await visit.sees(site.getByText(/^Not connected since \d\d:\d\d/))).toBe(true);
}, 120_000);

test('what is not the line of a relay, or of one that is known, is refused with a sentence', async () => {
  const { visit: opened, dialog } = await adding();
  await using visit = opened;
  await add(dialog, 'Nothing', 'sealcast1:nothing');
  await dialog.getByRole('alert').getByText('This is not the line of a relay').waitFor();
  await add(dialog, 'The master itself', await dialog.getByLabel('This master’s line').innerText());
  await dialog.getByRole('alert').getByText('This is not the line of a relay').waitFor();
  const line = formatHop(aHop('twice.example.org'));
  await add(dialog, 'First', line);
  await dialog.getByText('First was added.').waitFor();
  await add(dialog, 'Second', line);
  await dialog.getByRole('alert').getByText('This relay is known already.').waitFor();
  expect(await dialog.getByText('Second was added.').count()).toBe(0);
  visit.pardon(/(400|409) .*\/api\/relays$/);
});

test('a relay that is removed leaves the list, and no invite leads through it', async () => {
  const { visit: opened, dialog } = await adding();
  await using visit = opened;
  await add(dialog, 'Harbour', formatHop(aHop('harbour.example.org')));
  const row = dialog.getByRole('listitem').filter({ hasText: 'harbour.example.org' });
  await row.getByText('Never connected to this master').waitFor();
  await row.getByRole('button', { name: 'Remove Harbour' }).click();
  await row.getByText('lose their way').waitFor();
  await row.getByRole('button', { name: 'Keep' }).and(visit.page.locator(':focus')).waitFor();
  await row.getByRole('button', { name: 'Remove it' }).click();
  await row.waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Close the relays' }).click();
  expect(await visit.page.getByRole('option', { name: /Harbour/ }).count()).toBe(0);
});

test('the relays fit a phone, with names that do not', async () => {
  const { visit: opened, dialog } = await adding({ viewport: phone, hasTouch: true });
  await using visit = opened;
  const host = `${'long.'.repeat(11)}example`;
  await add(dialog, 'M'.repeat(64), formatHop(aHop(host)));
  await dialog.getByText('was added.').waitFor();
  expect(await visit.overhangIn(dialog)).toBe(0);
  await dialog.getByRole('button', { name: 'Close the relays' }).click();
  await visit.page.getByLabel('Through').waitFor();
  expect(await visit.overhang()).toBe(0);
});
