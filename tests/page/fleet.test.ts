import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, phone, Visit } from './browser.ts';

const hostile = '<img src=x onerror=alert(1)>';
const names = ['attic', 'barn', hostile] as const;

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.start({ invites: 3, master: { report_interval: '1' } }), openBrowser()]);
  for (const [i, name] of names.entries()) stack.startNode(name, i + 1, { state_dir: `${stack.folder}/state-${i}` });
  const admin = await stack.signIn();
  await admin.nodesWhen(
    (nodes) => nodes.length === names.length && nodes.every(({ sample, facts }) => sample && facts),
  );
});

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
});

async function fleet(options: Parameters<typeof Visit.open>[2] = {}): Promise<Visit> {
  const visit = await Visit.open(browser, stack, options);
  await visit.signIn(stack);
  await visit.card('attic').waitFor();
  return visit;
}

test('every node is a card, alive, with what it measures', async () => {
  await using visit = await fleet();
  for (const name of names) {
    const card = visit.card(name);
    await card.getByRole('img', { name: 'Alive' }).waitFor();
    const text = await card.innerText();
    expect(text).toMatch(/CPU[^%]*\d%\s+load [\d.]+/);
    expect(text).toMatch(/Memory[^%]*\d%\s+[\d.]+ of [\d.]+\s[KMGT]iB/);
    expect(text).toMatch(/Network/);
    expect(text).toMatch(/Disk I\/O/);
    expect(text).toMatch(/up .+/);
  }
  expect(await visit.page.getByLabel('The fleet at a glance').innerText()).toMatch(/Alive\s+3\s+of 3\snodes/);
});

test('what nodes measure moves without a reload', async () => {
  await using visit = await fleet();
  await visit.card('barn').getByRole('link').click();
  const reported = visit.page.getByText(/reported .+ every 1\ss/);
  await reported.waitFor();
  const readings = new Set<string>();
  const figures = visit.page.locator('.cores');
  // A line of the page that changes is awaited, never a time.
  for (let i = 0; i < 3; i += 1) {
    const before = await figures.innerText();
    readings.add(before);
    await expect.poll(() => figures.innerText(), { timeout: 20_000 }).not.toBe(before);
  }
  expect(readings.size).toBeGreaterThan(1);
});

test('a hostile name is text wherever it stands', async () => {
  await using visit = await fleet();
  await visit.card(hostile).waitFor();
  await visit.page.getByTitle('Table').click();
  await visit.page.getByRole('table').getByRole('link', { name: hostile }).click();
  await visit.page.getByRole('heading', { name: hostile, level: 1 }).waitFor();
  expect(await visit.page.title()).toContain(hostile);
  await visit.page.getByRole('button', { name: 'Broadcast to it' }).click();
  await visit.page.getByRole('list', { name: 'Nodes to pick' }).getByText(hostile).waitFor();
  expect(await visit.page.locator('img').count()).toBe(0);
});

test('a node whole: its charts, its parts and what machine it is', async () => {
  await using visit = await fleet();
  await visit.card('attic').getByRole('link').click();
  await visit.page.getByRole('group', { name: /^CPU\. CPU: now [\d.]+%, mean/ }).waitFor();
  await visit.page.getByRole('group', { name: /^Network\. in: now/ }).waitFor();
  await visit.page.locator('.u-wrap canvas').first().waitFor();
  await visit.page.getByText(/^only since \d\d:\d\d: there is no more yet$/).waitFor();
  const facts = await visit.page.locator('.facts').last().innerText();
  for (const fact of ['System', 'Kernel', 'Architecture', 'Processor', 'Memory', 'Started', 'Joined', 'Id']) {
    expect(facts).toMatch(new RegExp(`^${fact}\\n.+`, 'm'));
  }
  await visit.page.getByRole('radio', { name: '24 h' }).check();
  expect(await visit.sees(visit.page.getByRole('group', { name: /^CPU\. CPU: now/ }))).toBe(true);
});

test('a search leaves the nodes that it names, and says so when there are none', async () => {
  await using visit = await fleet();
  await visit.page.keyboard.press('/');
  await visit.page.keyboard.type('BARN');
  await visit.card('attic').waitFor({ state: 'detached' });
  expect(await visit.page.getByRole('article').count()).toBe(1);
  await visit.page.keyboard.type(' nowhere');
  await visit.page.getByRole('heading', { name: 'No node matches' }).waitFor();
  await visit.page.getByRole('button', { name: 'Show all nodes' }).click();
  await visit.card('attic').waitFor();
});

test('a theme that was chosen stays over a reload', async () => {
  await using visit = await fleet({ colorScheme: 'dark' });
  const html = visit.page.locator('html');
  expect(await html.getAttribute('data-theme')).toBe('dark');
  await visit.page.getByRole('button', { name: /^Theme/ }).click();
  await expect.poll(() => html.getAttribute('data-theme')).toBe('light');
  await visit.page.reload();
  await visit.card('attic').waitFor();
  expect(await html.getAttribute('data-theme')).toBe('light');
});

/** Text of the cells that do not hold it whole. */
const cutOff = `[...document.querySelectorAll('.part-table .number')]
  .filter((cell) => cell.scrollWidth > cell.clientWidth)
  .map(({ textContent }) => textContent)`;

test('on a phone nothing is wider than the screen, on any page, light or dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await using visit = await fleet({ viewport: phone, hasTouch: true, colorScheme });
    const overhangs = {
      cards: await visit.overhang(),
      table: 1,
      node: 1,
      panel: 1,
      broadcasts: 1,
      add: 1,
      security: 1,
    };
    await visit.page.getByTitle('Table').click();
    await visit.page.getByRole('table').waitFor();
    overhangs.table = await visit.overhang();
    await visit.page.getByRole('table').getByRole('link', { name: hostile }).click();
    await visit.page.locator('.u-wrap canvas').first().waitFor();
    overhangs.node = await visit.overhang();
    expect(await visit.page.evaluate(cutOff)).toEqual([]);
    await visit.page.getByRole('button', { name: 'Broadcast', exact: true }).click();
    await visit.page.getByRole('complementary', { name: 'Broadcast' }).waitFor();
    overhangs.panel = await visit.overhang();
    await visit.page.getByRole('button', { name: 'Close the broadcast panel' }).click();
    await visit.goTo('Broadcasts');
    await visit.page.getByRole('heading', { name: 'Broadcasts', level: 1 }).waitFor();
    overhangs.broadcasts = await visit.overhang();
    await visit.goTo('Add a node');
    await visit.page.getByRole('heading', { name: 'Add a node', level: 1 }).waitFor();
    overhangs.add = await visit.overhang();
    await visit.goTo('Security');
    await visit.page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
    overhangs.security = await visit.overhang();
    expect(overhangs).toEqual({ cards: 0, table: 0, node: 0, panel: 0, broadcasts: 0, add: 0, security: 0 });
  }
});

/** Pixels that the search has beside the words in it. */
const roomInSearch = `(() => {
  const input = document.querySelector('.search input');
  const { font, paddingLeft, paddingRight } = getComputedStyle(input);
  const pen = Object.assign(document.createElement('canvas').getContext('2d'), { font });
  return input.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - pen.measureText(input.placeholder).width;
})()`;

test('the load and the words in the search stand whole, on a phone, and where there are many figures', async () => {
  await using visit = await fleet({ viewport: phone });
  expect(await visit.page.evaluate<number>(roomInSearch)).toBeGreaterThanOrEqual(0);
  await visit.card('attic').getByRole('link').click();
  const load = visit.page.getByText(/^load [\d.]+ · [\d.]+ · [\d.]+$/);
  for (const width of [phone.width, 800, 1000]) {
    await visit.page.setViewportSize({ width, height: 900 });
    expect(await visit.overhangIn(load)).toBe(0);
    expect(await visit.overhangIn(visit.page.locator('.figures'))).toBe(0);
  }
});

test('a node that stops is away at once, and alive again when it is back', async () => {
  await using visit = await fleet();
  const card = visit.card('barn');
  await card.getByRole('img', { name: 'Alive' }).waitFor();
  await stack.nodes.get('barn')?.stop();
  await card.getByRole('img', { name: 'Away' }).waitFor();
  expect(await visit.sees(card.getByText(/^Away since \d\d:\d\d/))).toBe(true);
  stack.startNode('barn', 2, { state_dir: `${stack.folder}/state-1` });
  expect(await visit.sees(card.getByRole('img', { name: 'Alive' }))).toBe(true);
});

test('when the master goes the page says so, and when it is back the page is live again', async () => {
  await using visit = await fleet();
  await visit.page.getByText('Live', { exact: true }).waitFor();
  await stack.master.stop();
  await visit.page.getByText(/Live updates lost at .+, trying again/).waitFor();
  await stack.restartMaster();
  await visit.page.getByText('Live', { exact: true }).waitFor({ timeout: 40_000 });
  expect(await visit.page.getByText(/Live updates lost/).count()).toBe(0);
  // Nodes wait a random time before they join anew.
  await visit.card('attic').getByRole('img', { name: 'Alive' }).waitFor({ timeout: 60_000 });
  visit.pardon(/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/);
}, 120_000);
