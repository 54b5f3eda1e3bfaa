import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';
import { openBrowser, Visit } from './browser.ts';

/** The processes that `pid` has started, and that still run. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

test('when the wire breaks the page says that it is being restarted, and no more when it is up', async () => {
  await using stack = await Stack.start({ invites: 1 });
  await using browser = await openBrowser();
  await using visit = await Visit.open(browser, stack);
  await visit.signIn(stack);
  await visit.page.getByText('Live', { exact: true }).waitFor();
  const banner = visit.page.getByText('The wire is being restarted; nodes will be back in a moment.');
  expect(await banner.count()).toBe(0);
  const [transport = 0, ...others] = await childrenOf(stack.master.pid);
  expect(others).toEqual([]);
  process.kill(transport, 'SIGKILL');
  await banner.waitFor();
  await banner.waitFor({ state: 'detached' });
  await visit.goTo('Security');
  await visit.page.getByText(/The wire was restarted 1\stime/).waitFor();
  expect(await childrenOf(stack.master.pid)).toHaveLength(1);
});
