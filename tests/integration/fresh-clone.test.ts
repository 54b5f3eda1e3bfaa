// What the documents tell somebody to type who has a clone, npm and no container engine, in a clone in which nothing was done before.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../scripts/free-ports.ts';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { freshClone } from '../containers/fresh-clone.ts';
import { documented } from '../documents/commands.ts';
import { Typed, typed } from '../documents/typed.ts';
import { Stack } from '../stack/stack.ts';

const root = join(import.meta.dirname, '../..');
// npm fetches and unpacks everything, beside other suites.
const installMs = 300_000;
let cwd: string;

beforeAll(() => {
  cwd = freshClone();
});
afterAll(() => rmSync(cwd, { recursive: true }));

test(
  'the demo installs, builds and starts a fleet, says how to sign in, and stops at Ctrl-C',
  async () => {
    const passwords = new Set<string>();
    for (const line of [documented('README.md', './scripts/demo'), documented('CONTRIBUTING.md', './scripts/demo')]) {
      await using demo = new Typed(line, { cwd });
      await demo.says(/It runs until Ctrl-C/, installMs);
      const [, url = ''] = /page +(http\S+)/.exec(demo.text) ?? [];
      const [, password = ''] = /password +(\S+)/.exec(demo.text) ?? [];
      const client = new MasterClient(url);
      await client.signIn('admin', password);
      expect((await client.nodes()).map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
        'demo-1 alive',
        'demo-2 alive',
        'demo-3 alive',
      ]);
      expect(await demo.interrupt()).toBe(0);
      passwords.add(password);
    }
    // The second time on the data of the first.
    expect(passwords.size).toBe(1);
  },
  2 * installMs,
);

test(
  'fuzzing tries as many inputs as it is told',
  async () => {
    const line = documented('README.md', 'FUZZ_RUNS=1000000 ./scripts/test fuzz');
    const said = await typed(line.replace('1000000', '400'), { cwd });
    expect(said).toMatch(/\n[1-9]\d* passed, 0 failed, 0 skipped\n$/);
  },
  installMs,
);

test('the test vectors are made anew, and are those that stand there', async () => {
  const folder = join(cwd, 'tests/vectors');
  const vectors = readdirSync(folder).filter((file) => file.endsWith('.json'));
  expect(vectors.length).toBeGreaterThan(20);
  for (const line of [
    documented('CONTRIBUTING.md', 'npm run vectors'),
    documented('tests/vectors/README.md', 'npm run vectors'),
  ]) {
    for (const file of vectors) rmSync(join(folder, file));
    await typed(line, { cwd });
    for (const file of vectors)
      expect([file, readFileSync(join(folder, file), 'utf8')]).toEqual([
        file,
        readFileSync(join(root, 'tests/vectors', file), 'utf8'),
      ]);
  }
});

test(
  'the bench tells what sealing, joining and a node cost',
  async () => {
    const said = await typed(documented('README.md', './scripts/bench'), { cwd, settings: { BENCH_PART: '0.1' } });
    for (const row of [/seal 1 KiB +[1-9]/, /whole joins +[1-9]/, /resident memory +[1-9]\S* MiB/, /CPU +[\d.]+ %/])
      expect(said).toMatch(row);
  },
  installMs,
);

test(
  'a node that was built from the clone joins with its invite',
  async () => {
    await using stack = await Stack.start({ invites: 1 });
    const admin = await stack.signIn();
    await typed(documented('README.md', 'npm ci && npm run build -- node'), { cwd });
    const line = documented('README.md', "mq_invite_code='sealcast1:…' node_modules/.bin/node dist/node/main.cjs");
    const invite = readFileSync(join(stack.folder, 'nodes/invite-1'), 'utf8').trim();
    await using node = new Typed(line.replace('sealcast1:…', invite), { cwd });
    const [found] = await admin.nodesWhen((nodes) => nodes.some(({ sample }) => sample !== null));
    expect(found?.name).toBe(hostname());
    expect(readdirSync(join(cwd, 'data/node'))).toContain('identity.json');
    expect(await node.interrupt()).toBe(0);
  },
  installMs,
);

test('two terminals chat: a room invites a guest, who comes in', async () => {
  const own = ['localhost', ...(await freePorts([0, 0, 0, 0]))].join(' ');
  await using room = new Typed(`${documented('README.md', 'npm run chat -- room')} ${own}`, { cwd });
  await room.says(/sealcast-hop1:/);
  room.answer('/invite ann');
  const [, invite = ''] = /(sealcast1:\S+)/.exec(await room.says(/sealcast1:\S+\s/)) ?? [];
  await using guest = new Typed(documented('README.md', 'npm run chat -- join ann'), { cwd });
  guest.answer(invite);
  await guest.says(/ann came in/);
  guest.answer('good evening');
  expect(await room.says(/^ann {2}.+$/m)).toBe('ann  good evening');
  room.answer('welcome');
  expect(await guest.says(/^room {2}.+$/m)).toBe('room  welcome');
});
