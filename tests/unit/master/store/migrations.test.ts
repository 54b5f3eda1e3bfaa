// version-2.db.gz is a database as the program wrote it when version 2 was the newest: three nodes, one of them removed, samples, an
// open invite, a broadcast with its receipt.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openStore } from '../../../../services/master/src/store/store.ts';
import { facts } from '../sample.ts';
import { hex } from './scratch-store.ts';

const old = gunzipSync(readFileSync(join(import.meta.dirname, 'version-2.db.gz')));

function oldStore() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-migrations-'));
  const file = join(folder, 'sealcast.db');
  writeFileSync(file, old, { mode: 0o600 });
  return {
    folder,
    file,
    copies: () => readdirSync(folder).filter((name) => name.includes('.bak')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

function versionOf(file: string): unknown {
  using database = new DatabaseSync(file);
  return database.prepare('PRAGMA user_version').get()?.['user_version'];
}

test('a database of an older program is brought forward with all that it held', () => {
  using place = oldStore();
  const store = openStore(place.file);
  expect(store.roster.all().map(({ id, removedAt }) => [id, removedAt !== null])).toEqual([
    [hex('a', 32), false],
    [hex('b', 32), false],
    [hex('c', 32), true],
  ]);
  expect(store.roster.find(hex('a', 32))).toMatchObject({ facts, hopKey: hex('a', 64), rotatedAt: null, label: null });
  expect(store.hopKeys.isRemoveds(hex('c', 64))).toBe(true);
  expect(store.samples.newest(hex('b', 32))?.number).toBe(3);
  expect(store.samples.through(hex('b', 32))).toBe(3);
  expect(store.invites.find(hex('d', 64))).toMatchObject({ label: 'open', spentAt: null });
  expect(store.commands.find(hex('e', 32))?.receipts).toMatchObject([{ outcome: 'done', output: null }]);
  expect([store.counters.value('epoch'), store.counters.value('broadcast')]).toEqual([2, 1]);
  expect(store.admins.first()).toBe('admin');
  store.close();
});

test('before it is brought forward, a copy is kept that the older program can open, closed to others', () => {
  using place = oldStore();
  openStore(place.file).close();
  expect(place.copies()).toEqual(['sealcast.db.v2.bak']);
  const copy = join(place.folder, 'sealcast.db.v2.bak');
  expect((statSync(copy).mode & 0o777).toString(8)).toBe('600');
  expect(versionOf(copy)).toBe(2);
  expect(versionOf(place.file)).toBeGreaterThan(2);
  using database = new DatabaseSync(copy);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(database.prepare('SELECT id, curve_key FROM nodes').all()).toHaveLength(3);
});

test('the copy of an earlier migration makes room for the newest, and files of others stay', () => {
  using place = oldStore();
  for (const name of ['sealcast.db.v1.bak', 'sealcast.db.bak.new', 'sealcast.db.vx.bak', 'other.v1.bak'])
    writeFileSync(join(place.folder, name), 'before');
  openStore(place.file).close();
  expect(place.copies().toSorted()).toEqual(['other.v1.bak', 'sealcast.db.v2.bak', 'sealcast.db.vx.bak']);
});

test('a database that is made, or has the newest shape already, is not copied', () => {
  using place = oldStore();
  const fresh = join(place.folder, 'fresh', 'sealcast.db');
  openStore(fresh).close();
  openStore(fresh).close();
  expect(readdirSync(join(place.folder, 'fresh'))).toEqual(['sealcast.db']);
});

test('a migration that fails leaves the database as it was, and its copy', () => {
  using place = oldStore();
  const database = new DatabaseSync(place.file);
  // What the next migrations would make is in the way of one of them.
  database.exec('CREATE TABLE relays (id TEXT)');
  database.close();
  expect(() => openStore(place.file)).toThrow(`the database ${place.file} can't be used: table relays already exists`);
  expect(versionOf(join(place.folder, 'sealcast.db.v2.bak'))).toBe(2);
  using after = new DatabaseSync(place.file);
  expect(after.prepare('SELECT count(*) AS count FROM nodes').get()).toEqual({ count: 3 });
});
