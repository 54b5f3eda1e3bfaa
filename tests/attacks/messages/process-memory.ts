// What Linux tells of a process that runs: its children, its memory, what it was started with.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** The processes that `pid` started. */
export function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
  return lists.flatMap((list) => list.split(' ').filter((child) => child !== '')).map(Number);
}

export function residentBytes(pid: number): number {
  return Number(/\nVmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Arguments and environment that the process was started with. */
export function startedWith(pid: number): Buffer {
  return Buffer.concat([readFileSync(`/proc/${pid}/cmdline`), readFileSync(`/proc/${pid}/environ`)]);
}

// As much as is searched at once.
const pieceBytes = 16 * 2 ** 20;

/**
 * All that the process can write to, which is where it keeps what it made or was told, in pieces that overlap by `overlap` bytes. A
 * piece is good until the next one is asked for.
 */
export function* memoryOf(pid: number, overlap: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = Buffer.alloc(pieceBytes);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to, rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      if (from === undefined || to === undefined || !rights?.startsWith('rw')) continue;
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += pieceBytes - overlap) {
        const read = readPiece(memory, buffer, at, Math.min(pieceBytes, end - at));
        if (read > 0) yield buffer.subarray(0, read);
        if (end - at <= pieceBytes) break;
      }
    }
  } finally {
    closeSync(memory);
  }
}

// What was given back meanwhile can't be read.
function readPiece(memory: number, buffer: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, buffer, 0, length, at);
  } catch {
    return 0;
  }
}
