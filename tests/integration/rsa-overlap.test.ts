import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ServiceProcess } from '../stack/service-process.ts';
import { Stack } from '../stack/stack.ts';

// Whole processes are started again and again.
const patient = { timeout: 180_000 };

async function rotate(stack: Stack): Promise<void> {
  const [keys_dir, tls_dir, nodes_dir] = ['keys', 'tls', 'nodes'].map((name) => join(stack.folder, name));
  const env = { ...stack.ports, keys_dir: keys_dir ?? '', tls_dir: tls_dir ?? '', nodes_dir: nodes_dir ?? '' };
  await using init = new ServiceProcess('init', { ...env, init_nodes: '2' }, ['rotate']);
  if ((await init.exited) !== 0) throw new Error(`init rotate failed:\n${init.text}`);
}

/** Ids of the nodes that joined by an older key, once a join. */
const olderJoins = (stack: Stack) =>
  stack.master.lines
    .filter(({ msg }) => msg?.includes('joined with an older transport key') === true)
    .map(({ node }) => String(node));

test(
  'an RSA key is changed without touching a node: the master takes both, and tells each node of the newest',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 2, master: { report_interval: '1' } });
    await stack.startNode('attic', 1).says('joined the master');
    await stack.nodes.get('attic')?.stop();
    await stack.master.stop();
    await rotate(stack);
    const master = await stack.restartMaster();
    expect(await master.says('let in by older transport keys')).toMatchObject({ count: 1 });
    // One that joined before, and one whose invite was made before.
    const joined = (name: string, index: number) => stack.startNode(name, index + 1).says('joined the master');
    await Promise.all(['attic', 'barn'].map(joined));
    const nodes = await (await stack.signIn()).nodes();
    const ids = nodes.map(({ id }) => id).toSorted();
    expect(ids).toHaveLength(2);
    expect(olderJoins(stack).toSorted()).toEqual(ids);
    await Promise.all([...stack.nodes.values()].map((node) => node.stop()));
    await Promise.all(['attic', 'barn'].map(joined));
    expect(olderJoins(stack)).toHaveLength(2);
  },
);

test('once every node has joined by the newest RSA key, the older can go', patient, async () => {
  await using stack = await Stack.start({ invites: 2 });
  await stack.master.stop();
  await rotate(stack);
  await stack.restartMaster();
  await stack.startNode('attic', 1).says('joined the master');
  await stack.nodes.get('attic')?.stop();
  await stack.master.stop();
  await rm(join(stack.keys, 'transport-old-1.pem'));
  const master = await stack.restartMaster();
  await stack.startNode('attic', 1).says('joined the master');
  expect(master.text).not.toContain('older transport key');
  // An invite of before that nobody used has gone with the key.
  stack.startNode('barn', 2);
  await master.line(({ code }) => code === 'join.open');
});
