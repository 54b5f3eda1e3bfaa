// One program as a child process: its output in a file and its last lines at hand, its end as a promise.
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const linesKept = 20;
const stopTimeoutMs = 10_000;

export class Program implements AsyncDisposable {
  readonly name: string;
  /** Resolves with how it ended, e.g. `exit code 1`. Never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  readonly #watchers = new Set<(line: string) => void>();

  /** Starts `node ARGS`; it sees `settings` and PATH, nothing else of this process's environment. */
  constructor(name: string, args: string[], settings: Record<string, string>, logFile: string) {
    this.name = name;
    // In a process group of its own, so that Ctrl-C reaches it once, from stop().
    this.#child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const log = createWriteStream(logFile, { mode: 0o600 });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        this.#lastLines.push(line);
        if (this.#lastLines.length > linesKept) this.#lastLines.shift();
        for (const watcher of this.#watchers) watcher(line);
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      // Not 'exit': by 'close' the last lines have come in.
      this.#child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    void this.ended.then(() => log.end());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** The first line, from now on, that `wanted` takes; rejects when the program ends before. */
  async line(wanted: (line: string) => boolean): Promise<string> {
    return await new Promise((resolve, reject) => {
      const watcher = (line: string): void => {
        if (!wanted(line)) return;
        this.#watchers.delete(watcher);
        resolve(line);
      };
      this.#watchers.add(watcher);
      void this.ended.then((how) => reject(new Error(`${this.name} ended with ${how}`)));
    });
  }

  /** Resident memory in bytes, as Linux counts it. */
  residentMemory(): number {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    if (kilobytes === undefined) throw new Error(`/proc/${this.pid}/status has no VmRSS`);
    return Number(kilobytes) * 1024;
  }

  /** Asks it to end, and ends it by force if it does not; says how it ended. */
  async stop(): Promise<string> {
    this.#child.kill('SIGINT');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(force);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
