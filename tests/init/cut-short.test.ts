// Init is killed at chosen moments. What has its name must be whole then, and the next run must complete the rest.
import { parseInvite } from '@sealcast/channel/invite';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hashCode, readInviteList } from '@sealcast/init/invite-list';
import { Place } from './place.ts';

/** A module that kills the process that loads it around its first call of one of these functions of node:fs. */
function killed(moment: 'before' | 'after', functions: string[]): string {
  const die = "process.kill(process.pid, 'SIGKILL');";
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    for (const name of ${JSON.stringify(functions)}) {
      const real = fs[name];
      fs[name] = (...args) => { ${moment === 'before' ? die : ''} real(...args); ${die} };
    }
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** The same, in the middle of writing the file that is written as number `count`. */
function killedWriting(count: number): string {
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const real = fs.writeFileSync;
    let count = 0;
    fs.writeFileSync = (file, bytes) => {
      count += 1;
      if (count < ${count}) return real(file, bytes);
      real(file, bytes.subarray(0, bytes.length / 2));
      process.kill(process.pid, 'SIGKILL');
    };
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

const folders = ['keys', 'tls', 'nodes'];

function isUnfinished(file: string): boolean {
  return file.endsWith('.new');
}

/** The files that have their name, by path, and those that have not. */
function filesOf(place: Place): { named: Map<string, string>; unfinished: string[] } {
  const all = folders.flatMap((folder) =>
    existsSync(place.at(folder)) ? place.names(folder).map((name) => `${folder}/${name}`) : [],
  );
  const named = all.filter((file) => !isUnfinished(file)).map((file) => [file, place.read(file)] as const);
  return { named: new Map(named), unfinished: all.filter(isUnfinished) };
}

function expectWhole(file: string, contents: string): void {
  expect(contents).toMatch(/\n$/);
  if (/\.pem$|tls.*\.key$/.test(file)) createPrivateKey(contents);
  if (file.endsWith('.crt')) void new X509Certificate(contents);
  if (file.endsWith('.json')) JSON.parse(contents);
  if (file.includes('invite-')) parseInvite(contents);
}

/** A run that nobody kills makes the place complete, and its parts fit one another. */
async function expectCompletes(place: Place, nodes: number): Promise<void> {
  const settings = { init_nodes: String(nodes) };
  expect(await place.init({ settings })).toMatchObject({ code: 0, stderr: '' });
  const { named, unfinished } = filesOf(place);
  expect(unfinished).toEqual([]);
  expect(named.size).toBe(18 + nodes);
  const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
  const hashes = numbers.map((number) => hashCode(parseInvite(place.read('nodes', `invite-${number}`)).code));
  const list = readInviteList(Buffer.from(place.read('keys/invites.json')));
  expect(list.map(({ hash, label }) => ({ hash, label }))).toEqual(
    hashes.map((hash, index) => ({ hash, label: `node-${index + 1}` })),
  );
  expect(place.openssl('verify -x509_strict -CAfile nodes/tls-ca.crt tls/tls.crt')).toBe('tls/tls.crt: OK\n');
  const again = await place.init({ settings });
  expect(again.stdout).toContain('Nothing was changed.');
  expect(again.stdout).not.toContain('Warning');
}

test(
  'killed after every single file, init completes the rest and touches nothing that has its name',
  async () => {
    using place = new Place();
    const settings = { init_nodes: '2' };
    const preload = killed('after', ['linkSync', 'renameSync']);
    let before = new Map<string, string>();
    let runs = 0;
    for (; (await place.init({ settings, preload })).code === undefined; runs++) {
      const { named } = filesOf(place);
      for (const [file, contents] of named) expectWhole(file, contents);
      expect([...named]).toEqual(expect.arrayContaining([...before]));
      expect(named.size).toBe(before.size + 1);
      before = named;
    }
    expect(runs).toBe(20);
    await expectCompletes(place, 2);
  },
  5 * 60_000,
);

test('killed before the first file has its name, init leaves only unfinished files, and the next run removes them', async () => {
  using place = new Place();
  const preload = killed('before', ['linkSync']);
  for (const times of [1, 2]) {
    expect((await place.init({ preload })).code).toBeUndefined();
    const { named, unfinished } = filesOf(place);
    expect([named.size, unfinished.length]).toEqual([0, 21 * times]);
    for (const file of unfinished) expect(place.mode(file)).toMatch(/06[04][04]/);
  }
  await expectCompletes(place, 3);
});

test.each([1, 8, 21])(
  'killed in the middle of writing file number %d, init leaves nothing half-written under a name',
  async (count) => {
    using place = new Place();
    expect((await place.init({ preload: killedWriting(count) })).code).toBeUndefined();
    const { named, unfinished } = filesOf(place);
    expect([named.size, unfinished.length]).toEqual([0, count]);
    await expectCompletes(place, 3);
  },
);

test.each([
  ['before the longer list has its name', 'before', 'renameSync', 2],
  ['between the longer list and the invites', 'after', 'renameSync', 4],
  ['after the first new invite', 'after', 'linkSync', 4],
] as const)('killed %s, init loses no invite', async (_, moment, name, listed) => {
  using place = new Place();
  await place.init({ settings: { init_nodes: '2' } });
  const preload = killed(moment, [name]);
  expect((await place.init({ settings: { init_nodes: '4' }, preload })).code).toBeUndefined();
  expect(readInviteList(Buffer.from(place.read('keys/invites.json')))).toHaveLength(listed);
  await expectCompletes(place, 4);
});

test('killed between the folders, init makes the others', async () => {
  using place = new Place();
  expect((await place.init({ preload: killed('after', ['mkdirSync']) })).code).toBeUndefined();
  await expectCompletes(place, 3);
});
