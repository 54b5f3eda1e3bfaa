// A container engine that has no image, and no network but its own: what is built on another machine has to be brought to it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class SecondEngine implements AsyncDisposable {
  readonly #folder: string;
  readonly #child;

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'sealcast-engine-'));
    const at = (name: string): string => join(this.#folder, name);
    const options = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '--host', this.host];
    // A network of its own has no way out, and rules of its own for packets.
    const script = 'ip link set lo up && exec dockerd "$@"';
    this.#child = spawn('unshare', ['--net', '--mount', '--', 'bash', '-c', script, 'engine', ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  static async start(): Promise<SecondEngine> {
    const engine = new SecondEngine();
    const lines: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    createInterface({ input: engine.#child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('API listen on')) resolve();
    });
    engine.#child.once('error', reject);
    engine.#child.once('close', (code) => reject(new Error(`dockerd ended with ${code}:\n${lines.join('\n')}`)));
    await promise;
    return engine;
  }

  get host(): string {
    return `unix://${join(this.#folder, 'docker.sock')}`;
  }

  /** Runs a program that finds this engine, and nothing of the network but it; gives what it printed. */
  async run(
    program: string,
    args: string[],
    options: { cwd: string; settings?: Record<string, string> },
  ): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: this.host, ...options.settings };
    const inside = ['--net', `--target=${this.#child.pid}`, '--', program, ...args];
    const { stdout, stderr } = await run('nsenter', inside, { cwd: options.cwd, env, maxBuffer: 2 ** 28 });
    return stdout + stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    rmSync(this.#folder, { recursive: true });
  }
}
