// A part of Sealcast as a process of its own, run from its source, heard through its log.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const root = `${import.meta.dirname}/../..`;

/** Hundreds of them start in a run: what Node has made of the source is kept, which saves each a third of a second of a core. */
export const compileCache = `${root}/node_modules/.cache/compile`;

export interface LogLine {
  level?: string;
  msg?: string;
  [key: string]: unknown;
}

// A test that runs into its time limit disposes of nothing.
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class ServiceProcess implements AsyncDisposable {
  readonly name: string;
  readonly lines: LogLine[] = [];
  /** Everything that it said. */
  text = '';
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #ended = false;

  constructor(name: 'init' | 'master' | 'node' | 'relay', env: Record<string, string>, args: string[] = []) {
    this.name = name;
    const main = `${root}/services/${name}/src/main.ts`;
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { PATH, HOME, NODE_COMPILE_CACHE: compileCache, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    const exit = Promise.withResolvers<number | null>();
    this.exited = exit.promise;
    this.#child.on('exit', (code) => {
      this.#ended = true;
      running.delete(this.#child);
      exit.resolve(code);
      this.#wake();
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The first line, past or to come, for which `matches`. Rejects when the process ends without it, or after `timeoutMs`. */
  async line(matches: (line: LogLine) => boolean, timeoutMs = 30_000): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = () => {
      const found = this.lines.find(matches);
      if (found !== undefined) resolve(found);
      else if (this.#ended) reject(new Error(`${this.name} ended without the line:\n${this.text}`));
    };
    const timer = setTimeout(
      () => reject(new Error(`${this.name} did not say it in ${timeoutMs} ms:\n${this.text}`)),
      timeoutMs,
    );
    this.#listeners.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(look);
    }
  }

  says(msg: string, timeoutMs?: number): Promise<LogLine> {
    return this.line((line) => line.msg?.includes(msg) === true, timeoutMs);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.#ended) this.#child.kill(signal);
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }

  #hear(text: string): void {
    this.text += `${text}\n`;
    this.lines.push(parse(text));
    this.#wake();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }
}

function parse(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as LogLine;
  } catch {
    // Not every line is JSON: what a process says when it can't start is for people.
  }
  return { msg: text };
}
