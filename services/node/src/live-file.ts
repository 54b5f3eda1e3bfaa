// A file that is there, and touched again and again, while this node has a live session: for whoever watches the process.
// It belongs on a tmpfs, since it would wear an SD card.
import { rmSync, writeFileSync } from 'node:fs';

const touchMs = 10_000;

export class LiveFile {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
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

  #touch(): void {
    writeFileSync(this.#path, '');
  }
}
