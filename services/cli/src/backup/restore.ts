// Puts a backup in the place of what a master has, or of nothing. Everything is opened and checked beside that place first.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { syncPath } from '@sealcast/master/store/copy';
import { goOnFromCopy } from '@sealcast/master/store/restored';
import { openStore } from '@sealcast/master/store/store';
import { BackupError } from './backup-error.ts';
import { openBackup } from './open.ts';
import type { Place } from './place.ts';
import { Scratch } from './scratch.ts';
import { checkOpened, type Verified } from './verify.ts';

/** init lists the first invites here. They are withdrawn, and init makes new ones. */
const firstInvites = 'invites.json';
/** While the public half is there without its private key, init says so and stops: nothing starts on half a restore. */
const [first, last] = ['signing.pub', 'signing.pem'];
const replaced = 'replaced';

export interface PutBack extends Verified {
  /** Invites that were open in the backup. */
  withdrawn: number;
  /** Where what was there before lies now. */
  replaced: string[];
}

export interface RestoreOptions {
  /** Also where keys or a store are there already. */
  replace: boolean;
  nowMs: number;
}

/** Throws BackupError; then everything is as it was. */
export async function restoreBackup(
  file: AsyncIterable<Uint8Array>,
  passphrase: string,
  place: Place,
  { replace, nowMs }: RestoreOptions,
): Promise<PutBack> {
  for (const folder of [place.keys, place.data]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!replace) refusePopulated(place);
  if (existsSync(place.store)) refuseRunning(place.store);
  using keys = new Scratch(place.keys);
  using data = new Scratch(place.data);
  const staged = { keys: keys.folder, store: join(data.folder, 'sealcast.db') };
  const opened = await openBackup(file, passphrase, staged);
  if (opened.manifest.made > nowMs)
    throw new BackupError(
      `the backup was made at ${new Date(opened.manifest.made).toISOString()}, which this machine's clock has yet to come to; set the clock`,
    );
  rmSync(join(staged.keys, firstInvites), { force: true });
  const checked = checkOpened(staged);
  const store = openStore(staged.store);
  const { withdrawn } = goOnFromCopy(store, nowMs);
  store.close();
  for (const folder of [keys.folder, data.folder]) syncPath(folder);
  return { ...opened, ...checked, withdrawn, replaced: putInPlace(staged, place) };
}

function refusePopulated({ keys, store }: Place): void {
  const there = [...keyNames(keys).map((name) => join(keys, name)), ...(existsSync(store) ? [store] : [])];
  if (there.length > 0)
    throw new BackupError(`there is a master here already: ${there[0]}; --replace puts the backup in its place`);
}

/** Whoever has the database open in SQLite's WAL mode keeps others from leaving that mode. */
function refuseRunning(store: string): void {
  using database = new DatabaseSync(store, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    throw new BackupError(`a master is running on ${store}; stop it first`, { cause });
  }
}

function putInPlace(staged: { keys: string; store: string }, place: Place): string[] {
  const old = { keys: keyNames(place.keys), store: existsSync(place.store) };
  const kept = [
    ...(old.keys.length > 0 ? [emptied(join(place.keys, replaced))] : []),
    ...(old.store ? [emptied(join(place.data, replaced))] : []),
  ];
  const names = keyNames(staged.keys);
  const rest = names.filter((name) => name !== first && name !== last);
  if (old.keys.includes(first)) renameSync(join(place.keys, first), join(place.keys, replaced, first));
  move(first, staged.keys, place.keys);
  for (const name of old.keys.filter((one) => one !== first)) move(name, place.keys, join(place.keys, replaced));
  if (old.store) renameSync(place.store, join(place.data, replaced, 'sealcast.db'));
  renameSync(staged.store, place.store);
  for (const name of rest) move(name, staged.keys, place.keys);
  for (const folder of [place.data, place.keys]) syncPath(folder);
  move(last, staged.keys, place.keys);
  syncPath(place.keys);
  return kept;
}

function move(name: string, from: string, to: string): void {
  renameSync(join(from, name), join(to, name));
}

function keyNames(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('.') && statSync(join(folder, name)).isFile());
}

/** One is kept. */
function emptied(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  syncPath(dirname(folder));
  return folder;
}
