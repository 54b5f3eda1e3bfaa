// A whole master that is attacked, an honest person who looks at its counters, and honest nodes that join meanwhile.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Ports } from '@sealcast/hop/sockets';
import type { Admin } from '../../stack/admin.ts';
import { Stack, type StackOptions } from '../../stack/stack.ts';

const patienceMs = 30_000;

export interface Keys {
  publicKey: string;
  secretKey: string;
}

interface Refusals {
  counts: Record<string, number>;
  cuts: Record<string, number>;
}

export class AttackedMaster implements AsyncDisposable {
  readonly stack: Stack;
  readonly admin: Admin;
  readonly ports: Ports;
  /** Z85. */
  readonly serverKey: string;

  private constructor(stack: Stack, admin: Admin) {
    this.stack = stack;
    this.admin = admin;
    const port = (name: string) => Number(stack.ports[name]);
    this.ports = {
      dataIn: port('mq_sub_port'),
      dataOut: port('mq_pub_port'),
      joinIn: port('mq_join_sub_port'),
      joinOut: port('mq_join_pub_port'),
    };
    this.serverKey = readFileSync(join(stack.keys, 'curve.pub'), 'utf8').trim();
  }

  static async start(options?: StackOptions): Promise<AttackedMaster> {
    const stack = await Stack.start(options);
    return new AttackedMaster(stack, await stack.signIn());
  }

  /** A whole node joins with init's invite of that number, and confirms what is sent to it. */
  async join(invite: number, env: Record<string, string> = {}): Promise<void> {
    this.stack.startNode(`node-${invite}`, invite, env);
    const isNew = (name: string) => name === `node-${invite}`;
    await this.admin.nodesWhen((nodes) =>
      nodes.some(({ facts, state }) => isNew(facts?.name ?? '') && state === 'alive'),
    );
    await this.confirms(invite, 'you are in');
  }

  /** The node of that invite gets what is sent to it, and confirms it. */
  async confirms(invite: number, text: string): Promise<void> {
    const { id } = await this.admin.broadcast(text, [this.idOf(invite)]);
    await this.admin.confirmed(id);
  }

  idOf(invite: number): string {
    return this.#identity(invite).id;
  }

  /** What a node shows to the hop. */
  keysOf(invite: number): Keys {
    return this.#identity(invite).curve;
  }

  #identity(invite: number): { id: string; curve: Keys } {
    return JSON.parse(readFileSync(join(this.stack.stateOf(`node-${invite}`), 'identity.json'), 'utf8'));
  }

  refusals(): Promise<Refusals> {
    return this.admin.get<Refusals>('refusals');
  }

  async cuts(reason: string): Promise<number> {
    return (await this.refusals()).cuts[reason] ?? 0;
  }

  /** Resolves when exactly so many were cut for it. */
  async haveCut(reason: string, count: number): Promise<void> {
    await until(`${count} times ${reason}`, async () => (await this.cuts(reason)) === count);
  }

  /** Resolves when so many or more were cut for it. */
  async haveCutSome(reason: string, atLeast: number): Promise<void> {
    await until(`${atLeast} times ${reason}`, async () => (await this.cuts(reason)) >= atLeast);
  }

  /** The process that listens on the four ports. */
  get transportPid(): number {
    const [pid] = childrenOf(this.stack.master.pid);
    if (pid === undefined) throw new Error('the transport has no process');
    return pid;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack[Symbol.asyncDispose]();
  }
}

/** The counters are told by the process of the transport once a second. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`${what}: not in ${patienceMs} ms`);
    await setTimeout(200);
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(/\nPPid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    });
}

/** How much memory of its own the process has gained at most while `act` runs, in MiB. */
export async function gained(pid: number, act: () => Promise<void>): Promise<number> {
  const resident = () => Number(/\nRssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  const before = resident();
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, resident());
  }, 50);
  try {
    await act();
  } finally {
    clearInterval(look);
  }
  return most - before;
}
