import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { Complaint } from './findings.ts';
import type { Owner } from './settings.ts';

const fileMax = 1024 * 1024;

export interface Access extends Owner {
  readonly mode: number;
}

export interface FoundFile extends Access {
  readonly bytes: Buffer;
}

/** Reads a file that shall end up with `mode`; undefined where there is none. Throws Complaint where init can't work with it. */
export function findFile(path: string, mode: number, runner: Owner): FoundFile | undefined {
  const handle = open(path, runner);
  if (handle === undefined) return undefined;
  try {
    const found = fstatSync(handle);
    if (found.isDirectory()) throw new Complaint('is a folder.', 'A file belongs there: move the folder away.');
    if (!found.isFile()) throw new Complaint('is not a regular file.', 'Move it away.');
    if (found.size > fileMax) throw new Complaint(`holds ${found.size} bytes, far too many.`, 'Move it away.');
    const access = { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
    if (access.mode !== mode && !mayMend(access, runner))
      throw new Complaint(
        `has the mode ${octal(access.mode)} and belongs to ${ownerText(access)}; ${ownerText(runner)} cannot mend it.`,
        `As its owner or as root, run: chmod ${octal(mode)} ${path}`,
      );
    return { ...access, bytes: readFileSync(handle) };
  } finally {
    closeSync(handle);
  }
}

// Without O_NONBLOCK, a named pipe would hold init up for ever.
function open(path: string, runner: Owner): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP')
      throw new Complaint('is a symbolic link.', 'Put the file itself in its place.', { cause: error });
    throw new Complaint(
      `cannot be read by ${ownerText(runner)}, who runs init (${code}).`,
      'Let that user read it, or run init as its owner.',
      { cause: error },
    );
  }
}

export function mayMend(access: Access, runner: Owner): boolean {
  return runner.uid === 0 || runner.uid === access.uid;
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

export function ownerText({ uid, gid }: Owner): string {
  return `${uid}:${gid}`;
}
