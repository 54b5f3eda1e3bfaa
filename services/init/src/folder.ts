import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { type Findings } from './findings.ts';
import { errorCode, mayMend, octal, ownerText, type Access } from './found-file.ts';
import type { Owner } from './settings.ts';

export interface FoundFolder {
  readonly path: string;
  readonly mode: number;
  /** How it is; undefined where it is still to be made. */
  readonly access: Access | undefined;
  /** Whom it and everything in it shall belong to; undefined where init may not give files away. */
  readonly owner: Owner | undefined;
  readonly names: readonly string[];
}

/** Looks at a folder that shall have `mode`. As root, init gives everything to `wanted`, or else to the folder's owner. */
export function findFolder(
  path: string,
  mode: number,
  runner: Owner,
  wanted: Owner | undefined,
  findings: Findings,
): FoundFolder {
  const found = statSync(path, { throwIfNoEntry: false });
  const access = found && { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
  if (access !== undefined && access.mode !== mode && !mayMend(access, runner))
    findings.fault(
      path,
      `has the mode ${octal(access.mode)} and belongs to ${ownerText(access)}; ${ownerText(runner)} cannot mend it.`,
      `As its owner or as root, run: chmod ${octal(mode)} ${path}`,
    );
  const { uid, gid } = access ?? statSync(nearestExisting(path));
  const owner = runner.uid === 0 ? (wanted ?? { uid, gid }) : undefined;
  return { path, mode, access, owner, names: access === undefined ? [] : list(path, runner, findings) };
}

function list(path: string, runner: Owner, findings: Findings): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    findings.fault(
      path,
      `cannot be read by ${ownerText(runner)}, who runs init (${errorCode(error)}).`,
      'Let that user read it, or run init as its owner.',
    );
    return [];
  }
}

/** Looks for what would keep `runner` from making a file in the folder. */
export function checkRoom({ path }: FoundFolder, runner: Owner, findings: Findings): void {
  const existing = nearestExisting(path);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    const what =
      errorCode(error) === 'EROFS'
        ? 'is on a read-only file system'
        : `cannot be written by ${ownerText(runner)}, who runs init`;
    findings.fault(
      path,
      existing === path ? `${what}.` : `cannot be made: ${existing} ${what}.`,
      errorCode(error) === 'EROFS'
        ? 'Mount it so that init can write.'
        : `As root, run: chown ${ownerText(runner)} ${existing}`,
    );
  }
}

export function nearestExisting(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? nearestExisting(dirname(path)) : path;
}

/** Where `path` is or will be, with the symbolic links on the way resolved. */
export function realPathOf(path: string): string {
  const existing = nearestExisting(path);
  return join(realpathSync(existing), path.slice(existing.length));
}

export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer + sep);
}
