// A node in a process of its own that floods when it is told to.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const floods = ['reports', 'facts', 'asks', 'garbage', 'maximum frames', 'subscriptions'] as const;
export const garbageBytes = 49;
export type FloodKind = (typeof floods)[number];

type FloodOrder = { type: 'join'; line: string } | { type: 'flood'; kind: FloodKind } | { type: 'stop' };

export function isFloodOrder(message: unknown): message is FloodOrder {
  return typeof message === 'object' && message !== null && 'type' in message;
}

export class Flooder implements AsyncDisposable {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, id: string) {
    this.#child = child;
    this.id = id;
  }

  /** Resolves when it has joined, and floods nobody yet. */
  static async join(line: string): Promise<Flooder> {
    const child = fork(fileURLToPath(new URL('./flooding-process.ts', import.meta.url)), { execArgv: [] });
    process.once('exit', () => child.kill('SIGKILL'));
    child.send({ type: 'join', line } satisfies FloodOrder);
    const [{ id }] = await once(child, 'message');
    return new Flooder(child, String(id));
  }

  /** From now on, with new connections. */
  flood(kind: FloodKind): void {
    this.#child.send({ type: 'flood', kind } satisfies FloodOrder);
  }

  stop(): void {
    this.#child.send({ type: 'stop' } satisfies FloodOrder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
