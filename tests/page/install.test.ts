import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import type { Browser } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { carriedLine, installLine } from '@sealcast/master/install/install-line';
import { documented } from '../documents/commands.ts';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

const text = '#!/bin/sh\n';
const program = createHash('sha256').update(text).digest('hex');
let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-install-'));
  writeFileSync(join(folder, `${program}.sh`), text);
  const settings = { install_dir: folder, server_virtual_host: '/sealcast' };
  [stack, browser] = await Promise.all([Stack.start({ invites: 1, master: settings }), openBrowser()]);
  return async () => {
    await browser.close();
    await stack[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  };
});

test('the line pins what this master serves, and changes with how it is to run and what fetches it', async () => {
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.goTo('Add a node');
  await visit.page.getByLabel('Label', { exact: true }).fill('the loft');
  await visit.page.getByLabel('This master’s address').fill('master.lan');
  await visit.page.getByRole('button', { name: 'Make an invite' }).click();
  const invite = await visit.page.getByLabel('Or take the invite alone').innerText();
  expect(Buffer.from(parseInvite(invite).install ?? []).toString('hex')).toBe(program);
  const line = visit.page.getByLabel('Run this on the machine');
  // Seen from 127.0.0.1 the page is not where the machine finds it; the invite's host is.
  const from = `http://master.lan:${stack.ports['server_port']}/sealcast/install`;
  expect(await line.innerText()).toBe(installLine({ invite, program, from, way: 'service', fetcher: 'curl' }));
  await visit.page.getByRole('radio', { name: 'In a container' }).check();
  await visit.page.getByRole('radio', { name: 'wget' }).check();
  const other = installLine({ invite, program, from, way: 'container', fetcher: 'wget' });
  await expect.poll(() => line.innerText()).toBe(other);
  expect(await visit.page.getByLabel('Run this to remove the node again').innerText()).toBe(
    'sudo /opt/sealcast-node/setup remove',
  );
});

test('an invite through a relay comes with what works behind one: files that are carried there', async () => {
  const keys = { curve: new Uint8Array(randomBytes(32)), up: new Uint8Array(randomBytes(32)) };
  const admin = await stack.signIn();
  await admin.post('relays', {
    name: 'Harbour',
    line: formatHop({ host: 'relay.lan', data: [1, 2], join: [3, 4], ...keys }),
  });
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.goTo('Add a node');
  await visit.page.getByLabel('Label', { exact: true }).fill('the crane');
  await visit.page.getByLabel('Through').selectOption({ label: 'Harbour (relay.lan)' });
  await visit.page.getByRole('button', { name: 'Make an invite' }).click();
  const invite = await visit.page.getByLabel('Or take the invite alone').innerText();
  await visit.page.getByText('A machine behind a relay can’t fetch from this master').waitFor();
  const takeOut = await visit.page.getByLabel('Run this where the master is, in its folder').innerText();
  expect(takeOut).toBe(documented('docs/install-node.md', 'docker compose cp master:/app/install .'));
  const line = visit.page.getByLabel('Run this on the machine, beside the folder');
  const shown = documented('docs/install-node.md', "echo 'sealcast1:…' | sh install/*.sh ./install");
  expect(await line.innerText()).toBe(shown.replace('sealcast1:…', invite));
  await visit.page.getByRole('radio', { name: 'In a container' }).check();
  await expect.poll(() => line.innerText()).toBe(carriedLine(invite, 'container'));
  await visit.page.getByRole('radio', { name: 'curl' }).check();
  expect(await visit.sees(visit.page.getByLabel('Run this on the machine', { exact: true }))).toBe(true);
});

test('on a phone the lines break and the page does not', async () => {
  await using visit = await Visit.open(browser, stack, { viewport: phone });
  await visit.signIn(stack);
  await visit.goTo('Add a node');
  await visit.page.getByLabel('Label', { exact: true }).fill('the shed');
  await visit.page.getByRole('button', { name: 'Make an invite' }).click();
  await visit.page.getByLabel('Run this on the machine').waitFor();
  const width = await visit.page.evaluate<number>('document.documentElement.scrollWidth');
  expect(width).toBeLessThanOrEqual(phone.width);
});
