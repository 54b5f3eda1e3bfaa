// A line as somebody types it into a shell, which goes on until it ends by itself or by Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process';

export interface Where {
  /** The folder that one stands in. */
  cwd: string;
  settings?: Record<string, string>;
}

/** What npm and vitest tell a test's process is not what a terminal has. */
const ours =
  /^(?:npm_(?:lifecycle|package|command|execpath|node_execpath|config_local_prefix)|INIT_CWD$|NODE_ENV$|VITEST)/;

function terminal(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path.join(':') };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  // A shell's children are of its group, as in a terminal.
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
}

// A test that runs into its time limit disposes of nothing.
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => signal(child, 'SIGKILL')));

export class Typed implements AsyncDisposable {
  /** All that it said. */
  text = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(line: string, { cwd, settings = {} }: Where) {
    // The shell of a terminal outlives a Ctrl-C, and so does what it says of how the line ended.
    this.#child = spawn('sh', ['-ec', `trap : INT\n${line}`], {
      cwd,
      env: { ...terminal(), ...settings },
      detached: true,
    });
    running.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
        for (const look of this.#listeners) look();
      });
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.ended = promise;
    this.#child.once('close', (code) => {
      running.delete(this.#child);
      resolve(code);
    });
  }

  /** Types something to what runs. */
  answer(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** What `wanted` finds first in what it says. Rejects when it ends without, or after `patienceMs`. */
  async says(wanted: RegExp, patienceMs = 60_000): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const missing = () => reject(new Error(`no ${wanted} in:\n${this.text}`));
    const look = () => {
      const [found] = wanted.exec(this.text) ?? [];
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(missing, patienceMs);
    this.#listeners.add(look);
    look();
    void this.ended.then(missing);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(look);
    }
  }

  /** Ctrl-C; resolves with what it ended with. */
  async interrupt(): Promise<number | null> {
    signal(this.#child, 'SIGINT');
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What it has started itself ends in order, or not at all.
    signal(this.#child, 'SIGINT');
    const timer = setTimeout(() => signal(this.#child, 'SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Types a line that ends by itself; resolves with what it said. */
export async function typed(line: string, where: Where): Promise<string> {
  await using shell = new Typed(line, where);
  const code = await shell.ended;
  if (code !== 0) throw new Error(`${line} ended with ${code}:\n${shell.text}`);
  return shell.text;
}
