// What nodes are installed from: files that are named by their SHA-256, one of them the program that pins the others.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '@sealcast/runtime/run';

export interface InstallFolder {
  path: string;
  /** SHA-256 of the program, hexadecimal: what invites pin, and its name without the ending. */
  program: string;
}

/** What may be fetched from the folder, whatever else lies there. */
export const installFile = /^[0-9a-f]{64}\.(sh|tar\.gz)$/;

/** Undefined where there is no such folder. Throws StartError where there is, and it does not hold one program under its own hash. */
export function findInstall(path: string): InstallFolder | undefined {
  if (!existsSync(path)) return undefined;
  const programs = readdirSync(path).filter((name) => installFile.test(name) && name.endsWith('.sh'));
  const [name] = programs;
  if (name === undefined || programs.length > 1)
    throw new StartError(
      `install_dir: ${path} holds ${programs.length} programs that install a node; make it anew, or set install_dir to where one is`,
    );
  const program = createHash('sha256')
    .update(readFileSync(join(path, name)))
    .digest('hex');
  if (name !== `${program}.sh`)
    throw new StartError(`install_dir: ${join(path, name)} is not what its name says; make the folder anew`);
  return { path, program };
}
