// A copy of a database that is in use: whole, as it was at one moment, and without what was deleted.
import { closeSync, fsyncSync, openSync, rmSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { StartError } from '@sealcast/runtime/run';
import { integer } from './row.ts';

/** A disk that is filled to the last byte by a copy stops whoever writes the original. */
const spareBytes = 2 ** 24;

/** Bytes that a copy takes at most. */
export function sizeOf(database: DatabaseSync): number {
  const pragma = (name: string) => integer(database.prepare(`PRAGMA ${name}`).get() ?? {}, name);
  return pragma('page_count') * pragma('page_size');
}

/** Throws StartError where the folder's disk has less than `bytes` left, and some to spare. */
export function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const needed = bytes + spareBytes;
  if (free < needed) throw new StartError(`${folder} has ${megabytes(free)} free, and ${megabytes(needed)} are needed`);
}

/**
 * Writes `file`, which must not be there, with mode 0600, and leaves nothing where that fails. It is on disk when this returns.
 * Others may read and write the original meanwhile. Throws StartError where there is too little space.
 */
export function copyDatabase(database: DatabaseSync, file: string): void {
  checkSpace(dirname(file), sizeOf(database));
  closeSync(openSync(file, 'wx', 0o600));
  try {
    // SQLite takes an empty file as one that is not there, and keeps its mode.
    database.prepare('VACUUM INTO ?').run(file);
    for (const path of [file, dirname(file)]) syncPath(path);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Has the names in a folder, or the bytes of a file, on disk. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
