// mq_zap_command: a program of the operator's that is asked each time.
import { type ChildProcess, spawn } from 'node:child_process';
import { zapTimeoutMs } from '@sealcast/channel/constants';
import type { Admits } from '@sealcast/hop/admission';
import { addressGroup } from '@sealcast/hop/front/remote-address';
import type { Logger } from '@sealcast/runtime/log';
import type { BackEnd } from './back-end.ts';

type Request = Parameters<Admits>[0];

const atOnce = 4;
const waitingMax = 64;
const yes = 'allow';

interface Waiting {
  /** Who comes from one of these counts as one. */
  group: string;
  /** `false` where there is no room any more. */
  begin: (begins: boolean) => void;
}

export class ZapCommand implements BackEnd {
  readonly setting = 'mq_zap_command';
  readonly #path: string;
  readonly #log: Logger;
  #running = 0;
  /** The oldest first. */
  readonly #waiting: Waiting[] = [];
  readonly #children = new Set<ChildProcess>();
  #isStopped = false;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  async allows(request: Request): Promise<boolean> {
    if (!(await this.#turn(addressGroup(request.address)))) return false;
    try {
      return !this.#isStopped && (await this.#ask(request));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next.begin(true);
    }
  }

  /** The answer to whatever is being asked, and will be, is no. */
  stop(): void {
    this.#isStopped = true;
    for (const child of this.#children) child.kill('SIGKILL');
  }

  // A stranger's key costs a run of the program like anybody's: where too many wait, the newest goes of whoever has the most waiting.
  #turn(group: string): Promise<boolean> {
    if (this.#running < atOnce) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push({ group, begin: resolve });
    if (this.#waiting.length > waitingMax) this.#dropOne();
    return promise;
  }

  #dropOne(): void {
    const [most = []] = Object.values(Object.groupBy(this.#waiting, ({ group }) => group)).toSorted(
      (some = [], others = []) => others.length - some.length,
    );
    const newest = most.at(-1);
    if (newest === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(newest), 1);
    newest.begin(false);
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
    child.stdin.end(`${JSON.stringify(question)}\n`);
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
