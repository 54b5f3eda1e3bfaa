// Writing that is whole or not at all, on disk when it is done, and never over a file that is there.
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './found-file.ts';
import type { Owner } from './settings.ts';
import { unfinishedName } from './unfinished.ts';

/** Writes the bytes into a new file beside `path`, and gives that file's path. */
export function writeBeside(path: string, bytes: Uint8Array, mode: number, owner: Owner | undefined): string {
  const unfinished = join(dirname(path), unfinishedName(basename(path)));
  const handle = openSync(unfinished, 'wx', 0o600);
  try {
    writeFileSync(handle, bytes);
    if (owner !== undefined) fchownSync(handle, owner.uid, owner.gid);
    fchmodSync(handle, mode);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return unfinished;
}

/** Gives an unfinished file its name. Throws where another file has it by now. */
export function finish(unfinished: string, path: string): void {
  try {
    linkSync(unfinished, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    throw new Error(`${path} was made by somebody else meanwhile; run init again`, { cause: error });
  }
  unlinkSync(unfinished);
  syncFolder(dirname(path));
}

/** Has an unfinished file take the place of `path`, which still holds `old`. */
export function finishOver(unfinished: string, path: string, old: Uint8Array): void {
  if (!readFileSync(path).equals(old))
    throw new Error(`${path} was changed by somebody else meanwhile; run init again`);
  renameSync(unfinished, path);
  syncFolder(dirname(path));
}

/** Has the names in a folder on disk. */
export function syncFolder(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
