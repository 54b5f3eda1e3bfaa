import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DownloadLimits } from '../../../../services/master/src/http/download-limits.ts';
import { findInstall } from '../../../../services/master/src/install-folder.ts';
import { testServer } from './test-server.ts';

const text = '#!/bin/sh\necho hello\n';
const program = createHash('sha256').update(text).digest('hex');
const archive = 'a'.repeat(64);

/** A server that has what nodes are installed from, beside files that are nobody's business. */
async function installing(basePath = '') {
  const plain = await testServer();
  const path = join(plain.folder, 'install');
  mkdirSync(path);
  writeFileSync(join(path, `${program}.sh`), text);
  writeFileSync(join(path, `${archive}.tar.gz`), 'an archive');
  writeFileSync(join(path, 'notes.txt'), 'a secret');
  const server = await testServer({ basePath, install: findInstall(path) });
  return {
    ...server,
    get: (url: string) => server.app.inject(`${basePath}${url}`),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
    },
  };
}

test.for([
  ['', `/install/${program}.sh`, 'application/x-sh', text],
  ['/sealcast', `/install/${program}.sh`, 'application/x-sh', text],
  ['', `/install/${archive}.tar.gz`, 'application/gzip', 'an archive'],
] as const)('below "%s", %s is served to everybody as %s, and never changes', async ([basePath, url, type, body]) => {
  await using server = await installing(basePath);
  const answer = await server.get(url);
  expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([200, type, body]);
  expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
});

test.for([
  '/install',
  '/install/',
  '/install/notes.txt',
  `/install/${'b'.repeat(64)}.sh`,
  `/install/${program}`,
  `/install/${program.toUpperCase()}.sh`,
  `/install/${program}.sh?x=1`,
  `/install/${program}.sh/..`,
  '/install/../data/sealcast.db',
  '/install/%2e%2e/data/sealcast.db',
  '/install/..%2fdata%2fsealcast.db',
  '/install/..%5cdata%5csealcast.db',
])('%s gives no file away', async (url) => {
  await using server = await installing();
  const answer = await server.get(url);
  expect([400, 404]).toContain(answer.statusCode);
  expect(answer.json()).toEqual({ error: expect.any(String) });
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('an invite says which program it pins, and null where there is none', async () => {
  await using server = await installing();
  const headers = await server.signIn();
  const made = await server.post('/api/invites', { label: 'a' }, headers);
  expect(made.json()).toMatchObject({ install: program });
  await using without = await testServer();
  const bare = await without.post('/api/invites', { label: 'a' }, await without.signIn());
  expect(bare.json()).toMatchObject({ install: null });
});

test('who fetches without end has to wait, and is told for how long', async () => {
  await using server = await installing();
  const answers = [];
  for (let n = 0; n < 121; n++) answers.push(await server.get(`/install/${program}.sh`));
  expect(answers.slice(0, 120).every(({ statusCode }) => statusCode === 200)).toBe(true);
  expect(answers[120]?.statusCode).toBe(429);
  expect(answers[120]?.headers['retry-after']).toBe('2');
  server.clock.ms += 2000;
  expect((await server.get(`/install/${program}.sh`)).statusCode).toBe(200);
});

test('of one address only so many are under way at a time, and one that ends makes room', () => {
  const limits = new DownloadLimits();
  const begin = () => limits.begin('192.0.2.1', 0, () => expect.unreachable());
  const own = Array.from({ length: 16 }, begin);
  expect(own.every((end) => typeof end === 'function')).toBe(true);
  expect(begin()).toBe(5000);
  const [end] = own;
  if (typeof end === 'function') end();
  expect(begin()).toBeTypeOf('function');
  expect(begin()).toBe(5000);
});

test('where all places are taken, the oldest of the address that has the most goes, and nobody else', () => {
  const limits = new DownloadLimits();
  const cut: string[] = [];
  const begin = (address: string, name = address) => typeof limits.begin(address, 0, () => cut.push(name));
  for (let n = 0; n < 16; n++) for (const group of ['a', 'b', 'c', 'd']) begin(group, `${group}${n}`);
  expect([begin('e'), cut]).toEqual(['function', ['a0']]);
  // To go on by cutting each other would let nobody come to an end.
  for (let n = 0; n < 20; n++) begin('e');
  const counts = Map.groupBy(cut, (name) => name.charAt(0));
  expect(['a', 'b', 'c', 'd', 'e'].map((group) => counts.get(group)?.length)).toEqual([3, 3, 3, 3, undefined]);
  expect([begin('e'), begin('a')]).toEqual(['number', 'number']);
});

test('where every place is an address of its own, who has none gets that of the oldest', () => {
  const limits = new DownloadLimits();
  const cut: number[] = [];
  for (let n = 0; n < 64; n++) limits.begin(`192.0.2.${n}`, 0, () => cut.push(n));
  expect(limits.begin('192.0.2.1', 0, () => expect.unreachable())).toBe(5000);
  expect(cut).toEqual([]);
  expect(limits.begin('203.0.113.9', 0, () => expect.unreachable())).toBeTypeOf('function');
  expect(cut).toEqual([0]);
});
