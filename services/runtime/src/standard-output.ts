// Lines to standard output, each written before the program goes on. process.stdout would do the same, and load streams and
// the network to do so: half a megabyte of a node's memory.
import { writeSync } from 'node:fs';

export const standardOutput = 1;

const behindMs = 10;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Waits for a reader that is behind. Where nothing can be written, the line is lost: a log must not end what it is about. */
export function writeOut(text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(standardOutput, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
      Atomics.wait(sleeper, 0, 0, behindMs);
    }
  }
}
