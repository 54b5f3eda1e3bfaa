// The drill: a backup is opened, checked and brought to the newest shape, beside everything and not in its place.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '@sealcast/master/store/store';
import { BackupError } from './backup-error.ts';
import { checkKeys } from './key-files.ts';
import { openBackup, type OpenedBackup } from './open.ts';
import { Scratch } from './scratch.ts';

export interface Verified extends OpenedBackup {
  /** Keys with their public halves. */
  keyPairs: number;
  /** Of the store's shape, after it was brought forward. */
  schema: number;
  nodes: number;
  samples: number;
  commands: number;
}

/** Nothing stays in `scratchFolder`. Throws BackupError with what is wrong. */
export async function verifyBackup(
  file: AsyncIterable<Uint8Array>,
  passphrase: string,
  scratchFolder: string,
): Promise<Verified> {
  using scratch = new Scratch(scratchFolder);
  const into = { keys: join(scratch.folder, 'keys'), store: join(scratch.folder, 'sealcast.db') };
  mkdirSync(into.keys, { mode: 0o700 });
  const opened = await openBackup(file, passphrase, into);
  return { ...opened, ...checkOpened(into) };
}

/** Of a backup that lies open. The store is brought to the newest shape. */
export function checkOpened({ keys, store }: { keys: string; store: string }): Omit<Verified, keyof OpenedBackup> {
  const keyPairs = tried('its keys would not start a master', () => checkKeys(keys));
  tried('its store is damaged', () => checkIntegrity(store));
  tried('its store', () => openStore(store).close());
  using database = new DatabaseSync(store, { readOnly: true });
  const count = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  return {
    keyPairs,
    schema: count('PRAGMA user_version'),
    nodes: count('SELECT count(*) FROM nodes WHERE removed_at IS NULL'),
    samples: count('SELECT count(*) FROM samples'),
    commands: count('SELECT count(*) FROM commands'),
  };
}

function checkIntegrity(store: string): void {
  using database = new DatabaseSync(store, { readOnly: true });
  const [first] = database.prepare('PRAGMA integrity_check').all();
  if (first?.['integrity_check'] !== 'ok') throw new Error(String(first?.['integrity_check']));
  const orphans = database.prepare('PRAGMA foreign_key_check').all();
  if (orphans.length > 0) throw new Error(`${orphans.length} rows refer to what is not there`);
}

function tried<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new BackupError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
