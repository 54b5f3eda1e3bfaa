// Takes a backup beside the master that runs, which notices nothing of it.
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { copyDatabase } from '@sealcast/master/store/copy';
import { type PackedFile, packed } from './archive.ts';
import { BackupError } from './backup-error.ts';
import { readKeyFiles } from './key-files.ts';
import { type Manifest, settingsName, storeName } from './manifest.ts';
import type { Place } from './place.ts';
import { Scratch } from './scratch.ts';
import { checkPassphrase, sealed } from './sealed-file.ts';

const busyTimeoutMs = 5000;

export interface Taken {
  manifest: Manifest;
  /** Of all files, before they are sealed. */
  bytes: number;
  /** Reads the store's copy, which is gone with it. */
  sealed: AsyncIterable<Uint8Array>;
}

/** Everything that can be refused is refused before this returns; throws BackupError or StartError. */
export async function takeBackup(place: Place, passphrase: string, program: string, nowMs: number): Promise<Taken> {
  checkPassphrase(passphrase);
  if (statSync(place.store, { throwIfNoEntry: false }) === undefined)
    throw new BackupError(`there is no store at ${place.store}; a backup is taken where the master's files are`);
  const keys = readKeyFiles(place);
  const { copy, schema, nodes } = await copyStore(place);
  const { size } = await copy.stat();
  const settings = Buffer.from(place.settings);
  const files = [
    { name: settingsName, size: settings.length },
    ...keys.map(({ name, bytes }) => ({ name, size: bytes.length })),
    { name: storeName, size },
  ];
  const manifest: Manifest = { format: 'sealcast-backup', version: 1, made: nowMs, program, schema, nodes, files };
  async function* contents(): AsyncGenerator<PackedFile> {
    yield { name: settingsName, size: settings.length, chunks: [settings] };
    for (const { name, bytes } of keys) yield { name, size: bytes.length, chunks: [bytes] };
    yield { name: storeName, size, chunks: copy.createReadStream() };
  }
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return { manifest, bytes, sealed: await sealed(packed(manifest, contents()), passphrase) };
}

/** The copy has no name any more when it comes back: it is gone when it is closed, or the program ends. */
async function copyStore({ data, store }: Place) {
  using scratch = new Scratch(data);
  const file = join(scratch.folder, 'sealcast.db');
  {
    using database = new DatabaseSync(store, { readOnly: true, timeout: busyTimeoutMs });
    copyDatabase(database, file);
  }
  using database = new DatabaseSync(file, { readOnly: true });
  const value = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  const schema = value('PRAGMA user_version');
  const nodes = value('SELECT count(*) FROM nodes WHERE removed_at IS NULL');
  return { copy: await open(file), schema, nodes };
}
