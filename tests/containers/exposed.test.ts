// The page as somebody puts it on a name of his own: below a path, with his own certificate, and with HSTS.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { ableToBrowse, browserIn } from './browser.ts';
import { addressesOf } from './reach.ts';
import { certificateAt, ownCertificate } from './own-certificate.ts';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { Stack } from './stack.ts';
import { testssl } from './testssl.ts';

const base = '/sealcast';
let stack: Stack;
let client: MasterClient;
let url: string;

beforeAll(async () => {
  stack = await Stack.start({ server_virtual_host: base, server_hsts_days: '365' });
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  url = `${stack.url}sealcast/`;
  client = new MasterClient(url, stack.authority);
  await client.signIn('admin', await stack.password());
});

const hsts = 'max-age=31536000';

test('every kind of answer has the headers that protect a browser, each once', async () => {
  const page = await client.ask('');
  const [asset = ''] = /assets\/[^"]+\.js/.exec(page.body) ?? [];
  for (const path of [
    '',
    asset,
    'theme.js',
    'api/health',
    'api/nodes',
    'api/nothing',
    'nothing',
    '../nothing',
    '../sealcast',
  ]) {
    const { headers, rawHeaders, status } = await client.ask(path);
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect([path, names.toSorted()]).toEqual([path, [...new Set(names)].toSorted()]);
    expect([path, headers['strict-transport-security'], headers['x-content-type-options']]).toEqual([
      path,
      hsts,
      'nosniff',
    ]);
    expect([path, headers['content-security-policy']]).toEqual([path, page.headers['content-security-policy']]);
    expect([path, status]).toEqual([path, path.includes('nothing') ? 404 : path === '../sealcast' ? 308 : 200]);
  }
});

test('all is below the path, and nothing beside it', async () => {
  expect((await client.ask('../sealcast')).headers.location).toBe('/sealcast/');
  for (const path of ['../', '../api/health', '../api/nodes', '../theme.js', '../sealcastx/'])
    expect([path, (await client.ask(path)).status]).toEqual([path, 404]);
  const json = { name: 'admin', password: await stack.password() };
  // By somebody else: who signs in anew is signed out of what he had.
  const { headers } = await new MasterClient(url, stack.authority).ask('api/session', { method: 'POST', json });
  expect(headers['set-cookie']).toHaveLength(1);
  expect(headers['set-cookie']?.[0]).toMatch(
    /^__Secure-sealcast_session=\S+; Path=\/sealcast; HttpOnly; Secure; SameSite=Strict$/,
  );
});

test.skipIf(!ableToBrowse)(
  'a browser finds the page, signs in, follows each link and sees what changes, and asks for nothing above the path',
  async () => {
    const [nginx] = (await addressesOf(stack.container('nginx'))).own;
    const rule = `MAP localhost:${stack.place.httpsPort} ${nginx}:8443`;
    await using browser = await browserIn(await stack.runIdle('front'), rule);
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${stack.url}sealcast`);
    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password').fill(await stack.password());
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await pages.waitFor();
    await page.getByText('node-2').first().waitFor();
    for (const link of await pages.getByRole('link').all()) {
      await link.click();
      expect(new URL(page.url()).pathname).toBe('/sealcast/');
    }
    const links = await page
      .locator('a[href]')
      .evaluateAll((all) => all.map((one) => (one as unknown as { href: string }).href));
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((link) => !link.startsWith(url))).toEqual([]);
    // What the master says by itself arrives: the page does not ask again.
    await pages.getByRole('link', { name: 'Broadcasts' }).click();
    await page.getByRole('heading', { name: 'Broadcasts' }).waitFor();
    const text = `seen ${crypto.randomUUID()}`;
    await client.broadcast(text, AbortSignal.timeout(60_000));
    const sent = page.getByRole('main').getByRole('listitem').filter({ hasText: text });
    await sent.getByText('3 of 3 confirmed').waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: '__Secure-sealcast_session', path: base, secure: true, httpOnly: true });
    expect(asked).toEqual(
      expect.arrayContaining([`${base}/`, `${base}/api/session`, `${base}/api/nodes`, `${base}/api/events`]),
    );
    expect(asked.filter((path) => path !== base && !path.startsWith(`${base}/`))).toEqual([]);
  },
);

test('testssl.sh finds nothing below a modern profile, and HSTS', async () => {
  const { ids, faults } = await testssl(stack.place.httpsPort, stack.authority);
  expect(ids).toEqual(
    expect.arrayContaining(['TLS1_3', 'TLS1', 'cipherlist_NULL', 'cert_chain_of_trust', 'heartbleed']),
  );
  expect(faults).toEqual([]);
});

test('a certificate of your own is taken up and renewed while nobody is turned away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-expose-'));
  const both = documented(
    'docs/expose.md',
    'cat fullchain.pem privkey.pem | docker compose run --rm -T init certificate && docker compose kill -s HUP nginx',
  );
  const [give = ''] = both.split(' && ');
  const typedWith = async ({ certificate, key }: { certificate: string; key: string }, line: string) => {
    writeFileSync(join(folder, 'fullchain.pem'), certificate);
    writeFileSync(join(folder, 'privkey.pem'), key, { mode: 0o600 });
    return await typed(line, { ...stack.shell, cwd: folder });
  };
  expect(await certificateAt(stack.place.httpsPort)).toBe('localhost');
  const own = ownCertificate();
  await expect(typedWith({ ...own, key: ownCertificate().key }, both)).rejects.toThrow('no certificate that belongs');
  expect(await certificateAt(stack.place.httpsPort)).toBe('localhost');
  expect(await typedWith(own, give)).toContain('localhost');
  // Not before nginx is told.
  expect(await certificateAt(stack.place.httpsPort)).toBe('localhost');
  const statuses = new Set<number>();
  const until = AbortSignal.timeout(30_000);
  const either = new MasterClient(url, stack.authority + own.certificate);
  await typedWith(own, both);
  do {
    statuses.add((await either.ask('api/health')).status);
    until.throwIfAborted();
  } while ((await certificateAt(stack.place.httpsPort)) !== 'own.example');
  statuses.add((await new MasterClient(url, own.certificate).ask('api/health')).status);
  expect([...statuses]).toEqual([200]);
  rmSync(folder, { recursive: true });
});
