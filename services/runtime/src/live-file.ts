// A file that is there, and touched again and again, while a program does its work: for whoever watches the process.
// It belongs on a tmpfs, since it would wear an SD card.
import { rmSync, writeFileSync } from 'node:fs';
import { StartError } from './run.ts';

const touchMs = 10_000;

export class LiveFile {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;

  /** Throws StartError where it can't be written: what watches it would take the program for dead. */
  constructor(path: string) {
    this.#path = path;
    try {
      writeFileSync(path, '');
    } catch (cause) {
      throw new StartError(`live_file: ${path} can't be written; name a file on a tmpfs, or leave it out`, { cause });
    }
    this.remove();
  }

  keep(): void {
    clearInterval(this.#timer);
    this.#touch();
    this.#timer = setInterval(() => this.#touch(), touchMs);
  }

  remove(): void {
    clearInterval(this.#timer);
    rmSync(this.#path, { force: true });
  }

  // A file that is no longer touched says by itself that something is wrong.
  #touch(): void {
    try {
      writeFileSync(this.#path, '');
    } catch {
      this.remove();
    }
  }
}
