// Opens a backup into a folder: its keys below keys/, its store, each 0600. Nothing of it counts before its last byte was read.
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkSpace } from '@sealcast/master/store/copy';
import { unpack } from './archive.ts';
import { BackupError } from './backup-error.ts';
import { keyFolder, type Manifest, settingsName, storeName } from './manifest.ts';
import { opened } from './sealed-file.ts';

const smallMax = 2 ** 20;

export interface OpenedBackup {
  manifest: Manifest;
  /** Lines of a .env. */
  settings: string;
}

/** Where the parts of a backup go. */
export interface Into {
  /** Undefined: keys are read and not kept. */
  keys: string | undefined;
  /** Undefined: likewise. */
  store: string | undefined;
}

/** Throws BackupError. The folders are there, and closed to others. */
export async function openBackup(
  file: AsyncIterable<Uint8Array>,
  passphrase: string,
  into: Into,
): Promise<OpenedBackup> {
  const found: { manifest?: Manifest; settings: string } = { settings: '' };
  await unpack(opened(file, passphrase), {
    manifest(manifest) {
      found.manifest = manifest;
      if (into.store !== undefined) checkRoom(dirname(into.store), manifest);
    },
    async file(name, size, chunks) {
      if (name === storeName) return await keep(chunks, into.store);
      if (size > smallMax) throw new BackupError('the backup does not hold what it should');
      if (name === settingsName) found.settings = (await all(chunks)).toString('utf8');
      else await keep(chunks, into.keys && join(into.keys, name.slice(keyFolder.length)));
    },
  });
  if (found.manifest === undefined) throw new BackupError('the backup does not say what it holds');
  return { manifest: found.manifest, settings: found.settings };
}

/** Migrations may write the store once more. */
function checkRoom(folder: string, { files }: Manifest): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkSpace(folder, 2 * (files.find(({ name }) => name === storeName)?.size ?? 0));
}

async function keep(chunks: AsyncIterable<Uint8Array>, path: string | undefined): Promise<void> {
  if (path === undefined) {
    for await (const _ of chunks);
    return;
  }
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
