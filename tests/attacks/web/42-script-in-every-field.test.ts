// The attackers are nodes that joined with real invites and fill every field that the protocol gives them, and a person who is signed in
// and fills every field that the page gives them. The victim opens every view in a real browser, wide and narrow.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatHop } from '@sealcast/channel/hop-line';
import type { Facts, Sample } from '@sealcast/channel/payloads';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, Visit } from '../../page/browser.ts';
import type { Admin } from '../../stack/admin.ts';
import { Stack } from '../../stack/stack.ts';
import { openEvents } from '../../unit/master/http/open-events.ts';
import { HostileNode } from './hostile-node.ts';

/** Each within 64 bytes, so that it fits every field. */
const payloads = [
  '<img src=x onerror=hooked(1)>',
  '<script>hooked(2)</script>',
  '"><svg/onload=hooked(3)>',
  "'-hooked(4)-'\"><b onclick=hooked(4)>",
  'javascript:hooked(5)',
  '</title></style></textarea><script>hooked(6)</script>',
  '<a href=javascript:hooked(7)>x</a><base href=//evil.test>',
  "{{constructor.constructor('hooked(8)')()}}",
  '${hooked(9)}#{hooked(9)}<%= hooked(9) %>',
  '<iframe srcdoc=&lt;script&gt;parent.hooked(10)&lt;/script&gt;>',
  '&lt;img src=x onerror=hooked(11)&gt;&#x3c;b&#x3e;',
  '\u202eturned\u2066around\u200bhidden',
  '\u2028data: {}\u2029event: removed',
  'W'.repeat(64),
];
const names = [payloads[0], payloads[11], payloads[13]].map(String);
const [image = '', , word = ''] = names;
const longLine = 'W'.repeat(256);
const all = payloads.join('').slice(0, 200);

const facts = (name: string): Facts => ({
  name,
  os: all,
  kernel: all,
  arch: String(payloads[2]),
  version: String(payloads[5]),
  vendor: all,
  model: longLine,
  cpu: { model: all, cores: 4, threads: 4 },
  memory: 8e9,
  boot: 1e12,
  disks: payloads.map((each) => ({ name: each, model: all, size: 1e12 })),
  gpus: [...payloads, longLine],
  addresses: payloads,
  policy: { level: 'observe', allowed: [...payloads, longLine], more: 1 },
});

const sample: Sample = {
  number: 1,
  at: 0,
  uptime: 3600,
  cpu: 50,
  cores: [10, 20],
  load: [1, 1, 1],
  memory: { total: 8e9, available: 1e9 },
  swap: { total: 1e9, free: 1e8 },
  disks: [...payloads, `/${'W'.repeat(255)}`].map((mount) => ({
    mount,
    device: image,
    type: word,
    total: 1e12,
    free: 1e9,
  })),
  io: payloads.map((device) => ({ device, read: 1e6, written: 1e6, busy: 50 })),
  interfaces: payloads.map((name) => ({ name, received: 1e6, sent: 1e6 })),
  temperatures: payloads.map((name) => ({ name, celsius: 90 })),
};

const receipt = {
  outcome: 'failed',
  detail: `${all}\u202e`,
  output: `${payloads.join('\n')}\n\nevent: removed\ndata: {}\n\n${'W'.repeat(2000)}`,
} as const;

let stack: Stack;
let browser: Browser;
let admin: Admin;
const nodes: HostileNode[] = [];

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: names.length }), openBrowser()]);
  admin = await stack.signIn();
  for (const [index, name] of names.entries()) {
    const invite = await readFile(join(stack.folder, 'nodes', `invite-${index + 1}`), 'utf8');
    nodes.push(new HostileNode(invite.trim(), { facts: facts(name), sample, receipt }));
  }
  await admin.nodesWhen((seen) => seen.length === names.length && seen.every((node) => node.facts && node.sample));
  for (const label of payloads) await admin.post('invites', { label, hours: 1 });
  for (const name of payloads) {
    const [curve, up] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
    const line = formatHop({ host: name, data: [1, 2], join: [3, 4], curve, up });
    await admin.post('relays', { name, line });
  }
  const run = { type: 'run', program: `/${all}`, arguments: [...payloads, longLine], seconds: 1 };
  const actions = [{ type: 'text', text: `${payloads.join('\n')}\n${'W'.repeat(2000)}` }, run];
  for (const action of actions) {
    const { id } = await admin.post<{ id: string }>('commands', { action, targets: 'everyone' });
    await admin.watch(async () => {
      const command = (await admin.commands()).find((one) => one.id === id);
      return command?.receipts.every(({ outcome }) => outcome === 'failed') ? command : undefined;
    });
  }
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

/** In the page before anything else of it. */
const watcher = `
  window.ran = [];
  window.hooked = (which) => window.ran.push('script ' + which);
  document.addEventListener('securitypolicyviolation', (event) => window.ran.push('policy ' + event.violatedDirective));
`;

/** What stands in the page that the page does not make itself. */
const foreign = `[
  ...window.ran,
  ...[...document.querySelectorAll('*')].flatMap((element) => {
    const says = [...element.attributes].filter(({ name }) => name.startsWith('on') || name === 'srcdoc').map(({ name }) => name);
    if (element.matches('img, iframe, object, embed, base, frame, meta[http-equiv], script:not([src]), b[onclick], style:not([data-vite-dev-id])')) says.push(element.outerHTML.slice(0, 80));
    const link = element.getAttribute('href') ?? element.getAttribute('xlink:href');
    if (element.matches('body a, body area, body use') && !link?.startsWith('#')) says.push('link ' + link);
    return says;
  }),
  ...(/[\\u202a-\\u202e\\u2066-\\u2069\\u200b]/.test(document.title + [...document.querySelectorAll('body *:not(.said)')]
    .flatMap((element) => [...element.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data)).join('')) ? ['turned text'] : []),
]`;

/** Elements that reach over the right edge of the window, without anything that scrolls or cuts them off. */
const overEdge = `[...document.querySelectorAll('body *')].filter((element) => {
  if (element.getBoundingClientRect().right <= innerWidth + 1 || !element.checkVisibility()) return false;
  for (let box = element.parentElement; box; box = box.parentElement)
    if (getComputedStyle(box).overflowX !== 'visible' && box.getBoundingClientRect().right <= innerWidth + 1) return false;
  return true;
}).map((element) => element.outerHTML.slice(0, 100))`;

/** Each view is judged, also behind one that fails. */
async function look(visit: Visit, view: string): Promise<void> {
  expect.soft([view, await visit.page.evaluate(foreign)]).toEqual([view, []]);
  expect.soft([view, await visit.overhang()]).toEqual([view, 0]);
  expect.soft([view, await visit.page.evaluate(overEdge)]).toEqual([view, []]);
}

async function open(width: number): Promise<Visit> {
  const visit = await Visit.open(browser, stack, { viewport: { width, height: 800 } });
  await visit.page.addInitScript(watcher);
  await visit.page.reload();
  visit.pardon(/401 .*\/api\/session$/);
  await look(visit, 'signing in');
  await visit.signIn(stack);
  await visit.card(image).waitFor();
  return visit;
}

test.for([390, 1280])(
  'nothing that a node or a person wrote runs, becomes an element or breaks a view %i pixels wide',
  async (width) => {
    await using visit = await open(width);
    const { page } = visit;
    await look(visit, 'cards');
    await page.getByTitle('Table').click();
    await page.getByRole('table').getByRole('link', { name: image }).waitFor();
    await look(visit, 'table');
    for (const [index, { id }] of nodes.entries()) {
      await page.goto(`${stack.url}/#/nodes/${id}`);
      await page.locator('.facts').last().waitFor();
      await look(visit, `node ${index}`);
    }
    // What they wrote is there to be read, as it was written.
    const text = await page.getByRole('main').innerText();
    for (const payload of [...payloads.slice(0, 5), '⟨U+202E⟩turned⟨U+2066⟩around', word])
      expect(text).toContain(payload);
    await page.getByRole('button', { name: 'Rename…' }).click();
    await page.getByRole('dialog').waitFor();
    await look(visit, 'renaming');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').waitFor();
    await look(visit, 'removal');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Broadcast to it' }).click();
    await page.getByRole('list', { name: 'Nodes to pick' }).waitFor();
    await look(visit, 'broadcast panel');
    await page.getByRole('button', { name: 'Close the broadcast panel' }).click();

    await visit.goTo('Broadcasts');
    for (const each of await page.getByText('Who answered').all()) await each.click();
    for (const each of await page.getByText(/^Output, /).all()) await each.click();
    await page
      .getByRole('group', { name: /^Output on / })
      .first()
      .waitFor();
    await look(visit, 'broadcasts');

    await visit.goTo('Add a node');
    await page.getByText(/^Used, expired and withdrawn/).click();
    await page
      .getByRole('button', { name: /^Withdraw / })
      .first()
      .click();
    await look(visit, 'invites');
    await page.getByRole('button', { name: 'Relays' }).click();
    const dialog = page.getByRole('dialog', { name: 'Relays' });
    await dialog.getByRole('list', { name: 'Relays' }).waitFor();
    await dialog
      .getByRole('button', { name: /^Remove / })
      .first()
      .click();
    await look(visit, 'relays');
    await page.keyboard.press('Escape');
    await visit.goTo('Security');
    await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
    await look(visit, 'security');
    await visit.goTo('Fleet');
    await page.getByLabel('Search nodes').fill('<img src=x onerror=hooked(12)>nowhere');
    await page.getByRole('heading', { name: 'No node matches' }).waitFor();
    await look(visit, 'search');
  },
);

async function cookieOf(): Promise<string> {
  const password = (await readFile(join(stack.keys, 'admin.password'), 'utf8')).trim();
  const answer = await fetch(`${stack.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password }),
  });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

test('what the API answers is JSON and taken for nothing else, and no value splits an event', async () => {
  const cookie = await cookieOf();
  for (const path of ['session', 'nodes', 'commands', 'invites', 'relays', 'refusals', 'status', 'health']) {
    const { headers } = await fetch(`${stack.url}/api/${path}`, { headers: { cookie } });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';script-src 'self';/);
  }
  using stream = await openEvents(Number(stack.ports['server_port']), { cookie });
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(stream.response.headers.get('x-content-type-options')).toBe('nosniff');
  const order = { action: { type: 'text', text: 'one\n\nevent: removed\ndata: {}\n\n' }, targets: 'everyone' };
  const { id } = await admin.post<{ id: string }>('commands', order);
  const heard = new Set<unknown>();
  // It throws at a block that is not one event of one line of JSON.
  for (let event = await stream.event(); event !== undefined; event = await stream.event()) {
    expect(['node', 'command']).toContain(event.name);
    if (event.name === 'node') heard.add((event.data as { name: string }).name);
    const { receipts } = event.data as { id: string; receipts?: { output: string | null }[] };
    if ((event.data as { id: string }).id === id && receipts?.every(({ output }) => output === receipt.output))
      heard.add('receipts');
    if (heard.size === names.length + 1) break;
  }
  expect(heard).toEqual(new Set([...names, 'receipts']));
});

test('no answer to a fault repeats what was asked', async () => {
  const cookie = await cookieOf();
  const mark = 'zq7';
  const hostile = `<script>${mark}</script>`;
  const asked: [string, { method?: string; body?: string }, Record<string, string>?][] = [
    [`/${hostile}`, {}],
    [`/${encodeURIComponent(hostile)}`, {}],
    [`/assets/${hostile}.js`, {}],
    [`/%zz${hostile}`, {}],
    [`/api/${hostile}`, {}],
    [`/api/nodes/${hostile}/history`, {}],
    [`/api/nodes?${hostile}=1`, {}],
    [`/api/nodes/${'a'.repeat(32)}/history?minutes=${hostile}`, {}],
    [`/api/invites/${hostile}`, { method: 'DELETE' }],
    [`/api/commands`, { method: 'POST', body: `{"${hostile}":1}` }],
    [`/api/commands`, { method: 'POST', body: hostile }],
    [`/api/invites`, { method: 'POST', body: JSON.stringify({ label: hostile, host: hostile }) }],
    [`/api/nodes/${'a'.repeat(32)}/name`, { method: 'PUT', body: JSON.stringify({ name: `${hostile}\n` }) }],
    [`/api/relays`, { method: 'POST', body: JSON.stringify({ name: hostile, line: hostile }) }],
    [`/api/session`, { method: 'POST', body: JSON.stringify({ name: hostile, password: hostile }) }],
    [`/api/session`, { method: 'POST', body: hostile }, { 'content-type': `text/${mark}` }],
    [`/api/session`, { method: mark.toUpperCase() }],
  ];
  for (const [path, init, type] of asked) {
    const own = { cookie, referer: `https://${mark}.test/`, 'user-agent': hostile, 'x-request-id': mark };
    const json = init.body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(stack.url + path, { ...init, headers: { ...own, ...json, ...type } });
    const told = JSON.stringify([answer.statusText, [...answer.headers], await answer.text()]).toLowerCase();
    expect([path, answer.status >= 400]).toEqual([path, true]);
    expect(told).not.toContain(mark);
    // What is no HTTP gets an answer without a word.
    expect(answer.headers.get('content-type') ?? 'none').toMatch(/^(none|application\/json(; charset=utf-8)?)$/);
  }
});
