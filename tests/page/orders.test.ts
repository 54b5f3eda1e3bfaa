import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 3 }), openBrowser()]);
  for (const [i, level] of ['observe', 'operate', 'admin'].entries()) {
    const policy = join(stack.folder, `policy-${level}`);
    await writeFile(policy, `level ${level}\n`, { mode: 0o600 });
    stack.startNode(level, i + 1, { policy_file: policy });
  }
  const admin = await stack.signIn();
  await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => sample !== null).length === 3);
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function ordering(kind: string, options: Parameters<typeof Visit.open>[2] = {}): Promise<Visit> {
  const visit = await Visit.open(browser, stack, options);
  await visit.signIn(stack);
  await visit.card('admin').waitFor();
  await visit.page.getByRole('button', { name: 'Broadcast', exact: true }).click();
  await visit.page.getByRole('radio', { name: kind }).check();
  return visit;
}

async function program(visit: Visit, path: string, line: string): Promise<void> {
  await visit.page.getByLabel('Program', { exact: true }).fill(path);
  await visit.page.getByLabel('Arguments').fill(line);
}

function receipt(visit: Visit, name: string): Locator {
  return visit.page
    .getByRole('complementary')
    .getByRole('list')
    .getByRole('listitem')
    .filter({ has: visit.page.getByRole('link', { name, exact: true }) });
}

test('a program runs where the policy lets it, and what it wrote can be opened and is text alone', async () => {
  await using visit = await ordering('Run a program');
  await program(visit, '/bin/echo', `'<img src=x onerror=alert(1)>' one  "" "two words" \u202eturned`);
  const preview = visit.page.getByRole('group', { name: 'What each node is to run' }).getByRole('listitem');
  expect(await preview.allInnerTexts()).toEqual([
    '/bin/echo',
    '<img src=x onerror=alert(1)>',
    'one',
    'empty',
    'two words',
    '⟨U+202E⟩turned',
  ]);
  await visit.page.getByText('It is run where a node’s own policy is admin').waitFor();
  await visit.page.getByRole('button', { name: /^Run on all 3\snodes$/ }).click();
  await visit.page.getByText('1 of 3 confirmed').waitFor();
  for (const level of ['observe', 'operate']) {
    const refused = receipt(visit, level);
    await refused.getByText(`this node's policy is ${level}`).waitFor();
    expect(await refused.innerText()).toMatch(/^⊘\s*Refused/);
  }
  await visit.page.getByText(/^2\snodes refused, each by its own policy\..* in the place of its level, /).waitFor();
  // What holds a space can't be allowed singly.
  expect(await visit.page.getByLabel('Line of the policy').innerText()).toBe('level admin');
  const done = receipt(visit, 'admin');
  const output = done.getByRole('group', { name: 'Output on admin' });
  expect(await output.isVisible()).toBe(false);
  await done.getByText(/^Output, 1\sline$/).click();
  expect(await output.innerText()).toBe('<img src=x onerror=alert(1)> one  two words ⟨U+202E⟩turned');
  expect(await visit.page.locator('img').count()).toBe(0);
  await visit.goTo('Broadcasts');
  await visit.page
    .getByRole('main')
    .getByText(/^Run for 30\ss at most$/)
    .waitFor();
});

test('a refusal says which line of the policy is missing, and in which file; with that line it is done', async () => {
  await using visit = await ordering('Run a program');
  await visit.card('observe').click();
  await program(visit, '/bin/echo', 'one two');
  await visit.page.getByRole('button', { name: /^Run on 1\snode$/ }).click();
  const panel = visit.page.getByRole('complementary', { name: 'Broadcast' });
  await panel.getByText('/etc/sealcast-node/policy').waitFor();
  const line = await panel.getByLabel('Line of the policy').innerText();
  expect(line).toBe('allow run /bin/echo one two');
  const file = join(stack.folder, 'policy-observe');
  await writeFile(file, `level observe\n${line}\n`);
  await visit.page.getByRole('button', { name: 'Send another' }).click();
  await visit.page.getByRole('button', { name: /^Run on 1\snode$/ }).click();
  await visit.page.getByText('1 of 1 confirmed').waitFor();
  expect(await panel.getByLabel('Line of the policy').count()).toBe(0);
  await writeFile(file, 'level observe\n');
});

test('a program that fails says how, with what it wrote, and one that takes too long is stopped', async () => {
  await using visit = await ordering('Run a program');
  await visit.card('admin').click();
  await program(visit, '/bin/sh', `-c "echo gone wrong >&2; exit 3"`);
  await visit.page.getByRole('button', { name: /^Run on 1\snode$/ }).click();
  const failed = receipt(visit, 'admin');
  await failed.getByText('exit code 3').waitFor();
  await failed.getByText(/^Output/).click();
  expect(await failed.getByRole('group', { name: 'Output on admin' }).innerText()).toBe('gone wrong');
  await visit.page.getByRole('button', { name: 'Send another' }).click();
  await program(visit, '/bin/sleep', '60');
  await visit.page.getByLabel('Stop it after').fill('1');
  await visit.page.getByRole('button', { name: /^Run on 1\snode$/ }).click();
  expect(await visit.sees(failed.getByText(/took longer than 1 s/))).toBe(true);
});

test('nothing is run while something is missing, and the page says what', async () => {
  await using visit = await ordering('Run a program');
  const run = visit.page.getByRole('button', { name: /^Run on all/ });
  const alert = visit.page.getByRole('alert');
  await run.click();
  await alert.getByText('Name the program to run.').waitFor();
  await program(visit, 'echo', '');
  await alert.getByText('Name the program with its whole path, from /.').waitFor();
  await program(visit, '/bin/echo', '"open');
  await alert.getByText('A quote is not closed.').waitFor();
  expect(await visit.page.getByText('confirmed').count()).toBe(0);
});

test('a new identity is taken where the policy lets it, and the node stays what it is', async () => {
  await using visit = await ordering('New identity');
  await visit.page.getByText('It is done where a node’s own policy is operate or higher').waitFor();
  await visit.page.getByRole('button', { name: /^Renew the identity of all 3\snodes$/ }).click();
  await visit.page.getByText('2 of 3 confirmed').waitFor();
  await receipt(visit, 'observe').getByText("this node's policy is observe").waitFor();
  await visit.page.getByRole('complementary').getByText('Take a new identity').waitFor();
  await visit.page.getByRole('button', { name: 'Close the broadcast panel' }).click();
  await visit.card('operate').getByRole('img', { name: 'Alive' }).waitFor();
  expect(await visit.page.getByRole('article').count()).toBe(3);
});

test('a node’s page says what it lets be done, and the draft says who will refuse', async () => {
  await using visit = await ordering('New identity');
  const told = visit.page.getByRole('complementary').getByRole('status');
  await told.getByText(/^1\snode of these will refuse by what they tell of their policy: observe\.$/).waitFor();
  await visit.page.getByRole('radio', { name: 'Run a program' }).check();
  await told.waitFor({ state: 'detached' });
  await program(visit, '/bin/true', '');
  await told.getByText(/^2\snodes .*: observe, operate\.$/).waitFor();
  await visit.card('admin').click();
  await told.waitFor({ state: 'detached' });
  await visit.page.getByRole('button', { name: 'Close the broadcast panel' }).click();

  await visit.card('operate').getByRole('link', { name: 'operate' }).click();
  const policy = visit.page.getByRole('region', { name: 'What it lets be done' });
  await policy.getByText('Messages, reporting intervals, and new identities.').waitFor();
  await writeFile(join(stack.folder, 'policy-operate'), 'level operate\nallow run /bin/true\n');
  expect(await visit.sees(policy.getByText('run /bin/true'))).toBe(true);
});

test('on a phone no order is wider than the screen', async () => {
  await using visit = await ordering('Run a program', { viewport: phone, hasTouch: true });
  await program(visit, `/${'x'.repeat(200)}`, `${'y'.repeat(200)} 'z z'`);
  const preview = visit.page.getByRole('group', { name: 'What each node is to run' }).getByRole('list');
  expect(await visit.overhangIn(preview)).toBe(0);
  const panel = visit.page.getByRole('complementary', { name: 'Broadcast' });
  expect(await visit.overhangIn(panel)).toBe(0);
  expect(await visit.overhang()).toBe(0);
});
