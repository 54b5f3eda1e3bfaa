// A folder that is gone when the program is, however it ends.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileFault } from '../terminal/file-fault.ts';
import { BackupError } from './backup-error.ts';

const staleMs = 3_600_000;

export class Scratch implements Disposable {
  readonly folder: string;
  readonly #remove = () => rmSync(this.folder, { recursive: true, force: true });

  /** Closed to others; its name begins with `.sealcast-`. Throws BackupError where there is no place for it. */
  constructor(parent: string) {
    this.folder = join(parent, `.sealcast-${randomBytes(6).toString('hex')}`);
    try {
      sweep(parent);
      mkdirSync(this.folder, { mode: 0o700 });
    } catch (cause) {
      throw new BackupError(fileFault(parent, 'written into', cause), { cause });
    }
    process.on('exit', this.#remove);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}

/** What a program that was killed has left. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!/^\.sealcast-[0-9a-f]{12}$/.test(name)) continue;
    const path = join(parent, name);
    if (Date.now() - statSync(path).mtimeMs > staleMs) rmSync(path, { recursive: true, force: true });
  }
}
