// mq_zap_command: a program of the operator's that is asked each time.
import { type ChildProcess, spawn } from 'node:child_process';
import { zapTimeoutMs } from '@sealcast/channel/constants';
import { addressGroup } from '@sealcast/hop/front/remote-address';
import type { Logger } from '@sealcast/runtime/log';
import type { BackEnd, Question } from './back-end.ts';
import { ZapTurns } from './zap-turns.ts';

const yes = 'allow';

export class ZapCommand implements BackEnd {
  readonly setting = 'mq_zap_command';
  readonly #path: string;
  readonly #log: Logger;
  readonly #turns: ZapTurns;
  readonly #children = new Set<ChildProcess>();
  #isStopped = false;

  constructor(path: string, log: Logger, turns: ZapTurns = new ZapTurns()) {
    this.#path = path;
    this.#log = log;
    this.#turns = turns;
  }

  async allows(question: Question): Promise<boolean> {
    const asker = { group: addressGroup(question.address), isKnown: question.isKnown };
    if (!(await this.#turns.come(asker))) return false;
    try {
      return !this.#isStopped && (await this.#ask(question));
    } finally {
      this.#turns.over(asker);
    }
  }

  /** The answer to whatever is being asked, and will be, is no. */
  stop(): void {
    this.#isStopped = true;
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #ask({ domain, address, mechanism, hopKey }: Question): Promise<boolean> {
    const line = { domain, address, mechanism, hopKey: Buffer.from(hopKey).toString('hex') };
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { PATH } = process.env;
    const child = spawn(this.#path, [], {
      env: PATH === undefined ? {} : { PATH },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: zapTimeoutMs,
      killSignal: 'SIGKILL',
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    let answer = '';
    const no = (why: object) => {
      this.#log.error({ command: this.#path, ...why }, 'mq_zap_command gave no answer, which means no');
      resolve(false);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (answer.length <= yes.length + 1) answer += chunk.toString('latin1').slice(0, yes.length + 2);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify(line)}\n`);
    child.on('error', (error) => no({ why: error.message }));
    let isDecided = false;
    const decide = (code: number | null, signal: NodeJS.Signals | null) => {
      if (isDecided) return;
      isDecided = true;
      if (signal !== null) no({ signal });
      else resolve(code === 0 && (answer === yes || answer === `${yes}\n`));
      child.stdout.destroy();
    };
    child.on('close', decide);
    // What it has started may hold its output open, and says nothing that counts; what it said itself is read in the turn between.
    child.on('exit', (code, signal) => setImmediate(() => setImmediate(() => decide(code, signal))));
    return promise;
  }
}
