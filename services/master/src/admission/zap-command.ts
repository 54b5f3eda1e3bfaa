// mq_zap_command: a program of the operator's that is asked each time.
import { spawn } from 'node:child_process';
import { zapTimeoutMs } from '@sealcast/channel/constants';
import type { Admits } from '@sealcast/hop/admission';
import type { Logger } from '@sealcast/runtime/log';
import type { BackEnd } from './back-end.ts';

type Request = Parameters<Admits>[0];

const atOnce = 4;
const waitingMax = 64;
const yes = 'allow';

export class ZapCommand implements BackEnd {
  readonly #path: string;
  readonly #log: Logger;
  #running = 0;
  /** Each begins with `true`, or is told `false` where there is no room any more. */
  readonly #waiting: ((begins: boolean) => void)[] = [];

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  async allows(request: Request): Promise<boolean> {
    if (!(await this.#turn())) return false;
    try {
      return await this.#ask(request);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next(true);
    }
  }

  // Who waits longest is no longer listened to: it goes for a newcomer.
  #turn(): Promise<boolean> {
    if (this.#running < atOnce) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push(resolve);
    if (this.#waiting.length > waitingMax) this.#waiting.shift()?.(false);
    return promise;
  }

  #ask({ domain, address, mechanism, hopKey }: Request): Promise<boolean> {
    const question = { domain, address, mechanism, hopKey: Buffer.from(hopKey).toString('hex') };
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { PATH } = process.env;
    const child = spawn(this.#path, [], {
      env: PATH === undefined ? {} : { PATH },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: zapTimeoutMs,
      killSignal: 'SIGKILL',
    });
    let answer = '';
    const no = (why: object) => {
      this.#log.error({ command: this.#path, ...why }, 'mq_zap_command gave no answer, which means no');
      resolve(false);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (answer.length <= yes.length + 1) answer += chunk.toString('latin1').slice(0, yes.length + 2);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify(question)}\n`);
    child.on('error', (error) => no({ why: error.message }));
    child.on('close', (code, signal) => {
      if (signal !== null) no({ signal });
      else resolve(code === 0 && (answer === yes || answer === `${yes}\n`));
    });
    return promise;
  }
}
