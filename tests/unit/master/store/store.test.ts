import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openStore } from '../../../../services/master/src/store/store.ts';
import { facts, sample } from '../sample.ts';
import { enrolled, hex, scratchStore } from './scratch-store.ts';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a store that is opened again holds all that was written', () => {
  using scratch = scratchStore();
  const id = enrolled(scratch.store, 'a');
  scratch.store.roster.setFacts(id, facts);
  scratch.store.roster.setSeen(id, 2000);
  scratch.store.roster.setInterval(id, 30);
  scratch.store.samples.insert([{ node: id, samples: [sample(1, 5000)] }]);
  scratch.store.counters.next('epoch');
  scratch.store.admins.take({ name: 'admin', hash: '$argon2id$…' }, 1);
  scratch.store.webSessions.add({ hash: hex('5', 64), name: 'admin', created: 10, used: 20 });
  const command = { id: hex('c', 32), issued: 1, expires: 9, by: 'admin', everyone: true, number: 1, targets: [id] };
  scratch.store.commands.add({ ...command, action: { type: 'text', text: 'hello' } });

  const store = scratch.reopen();
  expect(store.roster.find(id)).toMatchObject({ facts, lastSeen: 2000, interval: 30, joinedAt: 1_000_000 });
  expect(store.invites.find(hex('a', 64))).toMatchObject({ spentBy: id, spentAt: 1_000_000 });
  expect(store.samples.newest(id)).toEqual(sample(1, 5000));
  expect(store.samples.through(id)).toBe(1);
  expect(store.counters.value('epoch')).toBe(1);
  expect(store.admins.find('admin')).toEqual({ name: 'admin', hash: '$argon2id$…' });
  expect(store.webSessions.find(hex('5', 64))).toEqual({ hash: hex('5', 64), name: 'admin', created: 10, used: 20 });
  expect(store.commands.find(command.id)?.action).toEqual({ type: 'text', text: 'hello' });
});

test('only the owner may read the folder, the database and its journal', () => {
  using scratch = scratchStore();
  enrolled(scratch.store, 'a');
  expect(mode(scratch.folder)).toBe('700');
  const files = readdirSync(scratch.folder);
  expect(files).toContain('sealcast.db-wal');
  expect(files.map((file) => mode(join(scratch.folder, file)))).toEqual(files.map(() => '600'));
});

test('an empty folder that was open to others is closed', () => {
  using scratch = scratchStore();
  const folder = join(scratch.folder, 'volume');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  openStore(join(folder, 'sealcast.db')).close();
  expect(mode(folder)).toBe('700');
});

test('a database that others could read is closed to them', () => {
  using scratch = scratchStore();
  scratch.store.close();
  chmodSync(scratch.file, 0o644);
  const store = openStore(scratch.file);
  expect(mode(scratch.file)).toBe('600');
  store.close();
  scratch.reopen();
});

test('the folder of somebody else keeps its mode', () => {
  using scratch = scratchStore();
  const folder = join(scratch.folder, 'shared');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'other'), '');
  openStore(join(folder, 'sealcast.db')).close();
  expect(mode(folder)).toBe('755');
});

test('what is written goes into a write-ahead log', () => {
  using scratch = scratchStore();
  const database = new DatabaseSync(scratch.file, { readOnly: true });
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  database.close();
});

test('a database of a newer program is refused with a sentence that says what to do', () => {
  using scratch = scratchStore();
  scratch.store.close();
  const database = new DatabaseSync(scratch.file);
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => openStore(scratch.file)).toThrow(
    /version 99.*knows versions up to \d+; start the program that wrote it/,
  );
  const restored = new DatabaseSync(scratch.file);
  restored.exec(`PRAGMA user_version = ${version}`);
  restored.close();
  scratch.reopen();
});

test('a database from before hop keys were kept knows those that its nodes have, removed or not', () => {
  using scratch = scratchStore();
  const ids = ['a', 'b', 'c'].map((digit) => enrolled(scratch.store, digit));
  scratch.store.roster.setRemoved(ids[1]!, 5000);
  scratch.store.roster.setHopKey(ids[2]!, hex('0', 64), 1);
  scratch.store.close();
  const database = new DatabaseSync(scratch.file);
  database.exec('DROP TABLE hop_keys; ALTER TABLE relays DROP COLUMN seen_at;');
  database.exec('ALTER TABLE nodes DROP COLUMN label; ALTER TABLE invites DROP COLUMN names; PRAGMA user_version = 4;');
  database.close();
  const { hopKeys } = scratch.reopen();
  expect(ids.map((id) => hopKeys.of(id))).toEqual([[hex('a', 64)], [hex('b', 64)], []]);
});

test('a file that is no database is refused by its name', () => {
  using scratch = scratchStore();
  const file = join(scratch.folder, 'text.db');
  writeFileSync(file, 'this is not a database, and long enough to be told apart from an empty one\n'.repeat(20));
  expect(() => openStore(file)).toThrow(`the database ${file} can't be used`);
});

test('a transaction that throws writes nothing', () => {
  using scratch = scratchStore();
  const { store } = scratch;
  expect(() =>
    store.transaction(() => {
      store.counters.next('epoch');
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(store.counters.value('epoch')).toBe(0);
});

test('a transaction inside another undoes its own part where the outer one goes on', () => {
  using scratch = scratchStore();
  const { store } = scratch;
  store.transaction(() => {
    store.counters.next('kept');
    expect(() =>
      store.transaction(() => {
        store.counters.next('undone');
        throw new Error('no');
      }),
    ).toThrow('no');
  });
  expect([store.counters.value('kept'), store.counters.value('undone')]).toEqual([1, 0]);
});

test('a transaction takes no work that waits', () => {
  using scratch = scratchStore();
  const { store } = scratch;
  expect(() => store.transaction(() => Promise.resolve(store.counters.next('epoch')))).toThrow('synchronous');
  expect(store.counters.value('epoch')).toBe(0);
});

test('counters count from 1, each for itself', () => {
  using scratch = scratchStore();
  const { counters } = scratch.store;
  expect([counters.next('epoch'), counters.next('epoch'), counters.next('broadcast')]).toEqual([1, 2, 1]);
  expect(counters.value('never')).toBe(0);
});

test('an account that init made anew has the new password, and nobody is signed in with the old one', () => {
  using scratch = scratchStore();
  const { admins, webSessions } = scratch.store;
  expect(admins.take({ name: 'admin', hash: 'first' }, 1)).toBe(true);
  webSessions.add({ hash: hex('1', 64), name: 'admin', created: 1, used: 1 });
  expect(admins.take({ name: 'admin', hash: 'first' }, 2)).toBe(false);
  expect(webSessions.find(hex('1', 64))).toBeDefined();
  expect(admins.take({ name: 'admin', hash: 'second' }, 3)).toBe(true);
  expect(admins.find('admin')?.hash).toBe('second');
  expect(webSessions.find(hex('1', 64))).toBeUndefined();
});

test('of a person, only the sessions used last are kept', () => {
  using scratch = scratchStore();
  const { admins, webSessions } = scratch.store;
  for (const name of ['a', 'b']) admins.take({ name, hash: '' }, 1);
  for (const [index, digit] of ['1', '2', '3'].entries())
    webSessions.add({ hash: hex(digit, 64), name: 'a', created: 1, used: index });
  webSessions.add({ hash: hex('9', 64), name: 'b', created: 1, used: 0 });
  expect(webSessions.trim('a', 2)).toEqual([hex('1', 64)]);
  expect(webSessions.find(hex('9', 64))).toBeDefined();
});
