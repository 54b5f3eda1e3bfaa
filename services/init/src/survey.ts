// Looks at the three folders as they are. Changes nothing.
import { join, resolve } from 'node:path';
import { folderModes, olderTransportNumber, privateFiles, type FileKind, type FolderName } from './files.ts';
import { Findings } from './findings.ts';
import { checkRoom, findFolder, isWithin, realPathOf, type FoundFolder } from './folder.ts';
import { findFile, ownerText, type FoundFile } from './found-file.ts';
import type { Owner, Settings } from './settings.ts';
import type { Step } from './step.ts';
import { finishedName } from './unfinished.ts';

export class Survey {
  readonly folders: Readonly<Record<FolderName, FoundFolder>>;
  readonly findings = new Findings();
  readonly #runner: Owner;
  readonly #files = new Map<string, FoundFile | undefined>();

  /** `runner` is who runs init. */
  constructor(settings: Settings, runner: Owner) {
    this.#runner = runner;
    const { init_owner: owner } = settings;
    if (runner.uid !== 0 && owner !== undefined && ownerText(owner) !== ownerText(runner))
      this.findings.fault(
        'init_owner',
        `is ${ownerText(owner)}, but init runs as ${ownerText(runner)}, who cannot give files away.`,
        'Run init as root, or leave init_owner out.',
      );
    const find = (name: FolderName, path: string) =>
      findFolder(resolve(path), folderModes[name], runner, owner, this.findings);
    this.folders = {
      keys: find('keys', settings.keys_dir),
      tls: find('tls', settings.tls_dir),
      nodes: find('nodes', settings.nodes_dir),
    };
    this.#checkApart();
  }

  path(file: FileKind): string {
    return join(this.folders[file.folder].path, file.name);
  }

  /** The file, or undefined where there is none or one that init can't work with; the latter is a fault. */
  file(file: FileKind): FoundFile | undefined {
    const path = this.path(file);
    if (!this.#files.has(path))
      this.#files.set(
        path,
        this.findings.attempt(path, () => findFile(path, file.mode, this.#runner)),
      );
    return this.#files.get(path);
  }

  /** What `read` makes of the file's bytes; undefined where there is no file or a faulty one. */
  read<T>(file: FileKind, read: (bytes: Buffer) => T): T | undefined {
    const found = this.file(file);
    return found && this.findings.attempt(this.path(file), () => read(found.bytes));
  }

  /** What runs that were cut short have left of a file. */
  unfinished({ folder, name, mode }: FileKind): Buffer[] {
    const { path, names } = this.folders[folder];
    const left = names.filter((each) => finishedName(each) === name);
    return left.flatMap((each) => {
      const file = join(path, each);
      return this.findings.attempt(file, () => findFile(file, mode, this.#runner))?.bytes ?? [];
    });
  }

  /** Keeps the file that is there, or has `contents` written. */
  step(file: FileKind, contents: Uint8Array, detail: string): Step {
    return this.file(file) === undefined ? { file, detail, write: contents } : { file, detail };
  }

  /** Whether something is wrong with one of these files. */
  isFaulty(...files: FileKind[]): boolean {
    const paths = new Set(files.map((file) => this.path(file)));
    return this.findings.faults.some(({ where }) => paths.has(where));
  }

  checkRoom(folder: FolderName): void {
    checkRoom(this.folders[folder], this.#runner, this.findings);
  }

  // Private keys must not lie where a node, or a proxy, can read them.
  #checkApart(): void {
    const place = (name: FolderName) => realPathOf(this.folders[name].path);
    const [keys, tls, nodes] = [place('keys'), place('tls'), place('nodes')];
    const fault = (where: string, problem: string) =>
      this.findings.fault(where, problem, 'Give keys_dir, tls_dir and nodes_dir a folder each.');
    if (isWithin(keys, nodes)) fault(keys, 'is keys_dir and lies where nodes can read it (nodes_dir).');
    else if (isWithin(nodes, keys)) fault(nodes, 'is nodes_dir and lies in keys_dir, which is closed to nodes.');
    if (isWithin(tls, nodes)) fault(tls, 'is tls_dir and lies where nodes can read it (nodes_dir).');
    if (isWithin(keys, tls)) fault(keys, 'is keys_dir and lies where the proxy can read it (tls_dir).');
    if (this.findings.faults.length > 0) return;
    const privateNames = new Set(privateFiles.map(({ name }) => name));
    for (const name of this.folders.nodes.names)
      if (privateNames.has(name) || olderTransportNumber(name) !== undefined)
        this.findings.fault(
          join(nodes, name),
          'is private and lies where every node can read it.',
          'Move it away. If somebody can have read it, have all keys made anew: empty keys_dir and nodes_dir, run init.',
        );
  }
}
