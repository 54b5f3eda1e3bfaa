// Does what was planned.
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileKind, FolderName } from './files.ts';
import { nearestExisting, type FoundFolder } from './folder.ts';
import { octal, ownerText, type Access } from './found-file.ts';
import type { Owner } from './settings.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';
import { finishedName } from './unfinished.ts';
import { finish, finishOver, syncFolder, writeBeside } from './write.ts';

export type State = 'made' | 'kept' | 'mended' | 'extended';

export interface Outcome {
  readonly file: FileKind;
  readonly state: State;
  readonly detail: string;
}

export interface FolderOutcome {
  readonly path: string;
  readonly mode: number;
  readonly state: State;
}

export interface Outcomes {
  readonly folders: Readonly<Record<FolderName, FolderOutcome>>;
  readonly files: readonly Outcome[];
}

/**
 * Everything new is first written under names of its own in every folder, and then named, in the order of `steps`: a
 * full disk is found before anything has its name, and a run that is cut short leaves only whole files.
 */
export function carryOut(steps: readonly Step[], survey: Survey): Outcomes {
  const { keys, tls, nodes } = survey.folders;
  const folders = { keys: settle(keys), tls: settle(tls), nodes: settle(nodes) };
  const written = steps.map((step) => {
    const { folder, mode } = step.file;
    return step.write && writeBeside(survey.path(step.file), step.write, mode, survey.folders[folder].owner);
  });
  const files = steps.map((step, index) => finishStep(step, written[index], survey));
  for (const folder of [keys, tls, nodes]) sweep(folder);
  return { folders, files };
}

function settle({ path, mode, access, owner }: FoundFolder): FolderOutcome {
  if (access === undefined) {
    makeParents(dirname(path));
    mkdirSync(path, mode);
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
    chmodSync(path, mode);
    syncFolder(dirname(path));
    return { path, mode, state: 'made' };
  }
  if (differences(access, mode, owner).length === 0) return { path, mode, state: 'kept' };
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
  return { path, mode, state: 'mended' };
}

// Folders on the way are nobody's secret, whatever the umask.
function makeParents(path: string): void {
  for (let existing = nearestExisting(path); existing !== path; existing = nearestExisting(path)) {
    const [next = ''] = path.slice(existing.length).match(/[^/]+/) ?? [];
    mkdirSync(join(existing, next));
    chmodSync(join(existing, next), 0o755);
  }
}

function finishStep({ file, over, detail }: Step, unfinished: string | undefined, survey: Survey): Outcome {
  const path = survey.path(file);
  if (unfinished !== undefined && over !== undefined) {
    finishOver(unfinished, path, over);
    return { file, state: 'extended', detail };
  }
  if (unfinished !== undefined) {
    finish(unfinished, path);
    return { file, state: 'made', detail };
  }
  const found = survey.file(file);
  const { owner } = survey.folders[file.folder];
  const wrong = found === undefined ? [] : differences(found, file.mode, owner);
  if (wrong.length === 0) return { file, state: 'kept', detail };
  mend(path, file.mode, owner);
  return {
    file,
    state: 'mended',
    detail: [`was ${wrong.join(', ')}`, detail].filter((part) => part !== '').join('; '),
  };
}

/** What has to be mended, as it is now. */
function differences(access: Access, mode: number, owner: Owner | undefined): string[] {
  return [
    access.mode === mode ? '' : octal(access.mode),
    owner === undefined || ownerText(owner) === ownerText(access) ? '' : `owned by ${ownerText(access)}`,
  ].filter((difference) => difference !== '');
}

function mend(path: string, mode: number, owner: Owner | undefined): void {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (owner !== undefined) fchownSync(handle, owner.uid, owner.gid);
    fchmodSync(handle, mode);
  } finally {
    closeSync(handle);
  }
}

/** Removes what earlier runs left unfinished. */
function sweep({ path, names }: FoundFolder): void {
  for (const name of names) if (finishedName(name) !== undefined) unlinkSync(join(path, name));
}
