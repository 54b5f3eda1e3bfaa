// Numbers for samples: from 1, and none twice, also after a crash and when all samples are gone. The file holds a number that none
// in use is above; it is written once for a thousand of them, and a crash leaves out what is left of those.
import { throughMax } from '@sealcast/channel/constants';
import { readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';

const blockSize = 1024;
/** A file with a number above it is damaged. From `throughMax` to here there is room for ever. */
export const numberMax = throughMax + throughMax / 2;

export class SampleNumbers {
  readonly #path: string;
  #last: number;
  /** No number above it has been given. */
  #reserved: number;
  #problem: string | undefined;

  /** @param seen a number that was given, whatever the file says */
  constructor(path: string, seen: number) {
    this.#path = path;
    this.#reserved = readNumber(path);
    this.#last = Math.max(this.#reserved, seen);
  }

  /** Why the file could not be written. Numbers go on all the same: the master's `through` still keeps them apart. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get last(): number {
    return this.#last;
  }

  take(): number {
    this.#last += 1;
    if (this.#last > this.#reserved) this.#reserve(this.#last - 1 + blockSize);
    return this.#last;
  }

  /** Goes on above `number`. */
  raise(number: number): void {
    this.#last = Math.max(this.#last, number);
  }

  /** Leaves no gap. */
  close(): void {
    this.#reserve(this.#last);
  }

  #reserve(number: number): void {
    try {
      writePrivateFile(this.#path, `${number}\n`);
      this.#reserved = number;
      this.#problem = undefined;
    } catch (error) {
      this.#problem = String(error);
    }
  }
}

function readNumber(path: string): number {
  try {
    const text = readPrivateFile(path) ?? '';
    const number = /^[1-9]\d{0,15}\n$/.test(text) ? Number(text) : 0;
    return number <= numberMax ? number : 0;
  } catch {
    return 0;
  }
}
