// The command line as a process, as people and scripts start it.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runCommand } from '@sealcast/cli/command/run';
import { commands } from '@sealcast/cli/commands/commands';
import { Screen } from '@sealcast/cli/terminal/screen';

const main = join(import.meta.dirname, '../../services/cli/src/main.ts');

/** One that asks where nobody answers would never end. */
const patienceMs = 50_000;

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** In this process, without a terminal: the same but for how it starts and ends, and far quicker. `env` is all that it sees of one. */
export async function sealcast(env: Record<string, string>, args: string[]): Promise<Ended> {
  const said = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    isTTY: false,
    write: (text: string) => {
      said[name] += text;
      return true;
    },
  });
  const screen = new Screen(stream('out') as never, stream('err') as never, { isTTY: false });
  return { code: await runCommand(commands, args, screen, env), ...said };
}

/** As a process that sees `env` and PATH, nothing else of this process's environment; `input` is what standard input holds. */
export function sealcastProcess(
  env: Record<string, string>,
  args: string[],
  input = '',
  uid?: number,
): { code: number | null; out: Buffer; err: string } {
  const user = uid === undefined ? {} : { uid };
  const options = { env: { PATH: process.env['PATH'], ...env }, input, timeout: patienceMs, ...user } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options);
  return { code: status, out: stdout, err: stderr.toString() };
}

/** On a terminal of `columns`, at which nobody types. What is shown is `out`. */
export function sealcastOnTerminal(env: Record<string, string>, args: string[], columns: number): Ended {
  const options = { env: terminal(env), input: '', encoding: 'utf8', timeout: patienceMs } as const;
  const { status, stdout, stderr } = spawnSync('script', onTerminal(args, columns), options);
  return { code: status, out: stdout.replaceAll('\r\n', '\n'), err: stderr };
}

/** On a terminal, where somebody types `answer` and Enter when `question` is asked. */
export async function sealcastAsking(
  env: Record<string, string>,
  args: string[],
  question: string,
  answer: string,
): Promise<Ended> {
  const child = spawn('script', onTerminal(args, 100), { env: terminal(env), timeout: patienceMs });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let out = '';
  let answered = false;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += String(text);
    if (answered || !out.includes(question)) return;
    answered = true;
    child.stdin.write(`${answer}\r`);
  });
  return { code: await ended, out: out.replaceAll('\r\n', '\n'), err: '' };
}

function terminal(env: Record<string, string>): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TERM: 'xterm-256color', ...env };
}

function onTerminal(args: string[], columns: number): string[] {
  const words = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
  return ['-qec', `stty cols ${columns} rows 60; exec ${words}`, '/dev/null'];
}

/** One that goes on until it is stopped. */
export class RunningCommand implements AsyncDisposable {
  out = '';
  err = '';
  readonly ended: Promise<number | null>;
  readonly #child;
  readonly #listeners = new Set<() => void>();

  constructor(env: Record<string, string>, args: string[]) {
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => this.#hear('out', String(text)));
    this.#child.stderr.setEncoding('utf8').on('data', (text) => this.#hear('err', String(text)));
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Resolves when `holds`, which is looked at with everything that it says. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }

  #hear(stream: 'out' | 'err', text: string): void {
    this[stream] += text;
    for (const listener of this.#listeners) listener();
  }
}
