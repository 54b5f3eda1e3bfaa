// A whole node at a wire, which can be stopped and started again with what it has on disk.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entropy, systemEntropy } from '@sealcast/channel/entropy';
import type { CommandView } from '@sealcast/master/fleet/views';
import { type RunningNode, startNode } from '@sealcast/node/node';
import { nodeSettings } from '@sealcast/node/settings';
import { createLog } from '@sealcast/runtime/log';
import type { Wire } from './wire.ts';

// Random waits are none, so that what a node does after one is done at once.
const impatient: Entropy = {
  ...systemEntropy,
  bytes: (length) => (length === 4 ? new Uint8Array(4) : systemEntropy.bytes(length)),
};

export interface WireNodeOptions {
  /** What its policy's file says; without it there is none. */
  policy?: string;
  settings?: Record<string, string>;
  rekeyMs?: number;
  /** In the place of a new one of the wire's own. */
  invite?: string;
}

export class WireNode implements AsyncDisposable {
  readonly wire: Wire;
  readonly folder = mkdtempSync(join(tmpdir(), 'sealcast-node-'));
  readonly lines: Record<string, unknown>[] = [];
  readonly #invite: string;
  readonly #options: WireNodeOptions;
  readonly #listeners = new Set<() => void>();
  #node: RunningNode | undefined;

  constructor(wire: Wire, options: WireNodeOptions = {}) {
    this.wire = wire;
    this.#invite = options.invite ?? wire.invite();
    this.#options = options;
    if (options.policy !== undefined) this.write(options.policy);
    this.start();
  }

  /** Starts, and resolves when the fleet has heard of it. */
  static async join(wire: Wire, options: WireNodeOptions = {}): Promise<WireNode> {
    const node = new WireNode(wire, options);
    await node.says('joined the master');
    return node;
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  get policy(): string {
    return join(this.folder, 'policy');
  }

  get identity(): { id: string; seed: string; next?: { seed: string } } {
    return JSON.parse(readFileSync(join(this.state, 'identity.json'), 'utf8'));
  }

  get id(): string {
    return this.identity.id;
  }

  /** Changes the policy's file. */
  write(policy: string): void {
    writeFileSync(this.policy, policy, { mode: 0o644 });
  }

  start(): void {
    const { policy, settings, rekeyMs } = this.#options;
    const env = {
      mq_invite_code: this.#invite,
      state_dir: this.state,
      ...(policy === undefined ? {} : { policy_file: this.policy }),
      ...settings,
    };
    const log = createLog('node', 'debug', { write: (line) => this.#hear(line) });
    this.#node = startNode(nodeSettings(env), impatient, log, rekeyMs === undefined ? {} : { rekeyMs });
  }

  async stop(): Promise<void> {
    await this.#node?.stop();
    this.#node = undefined;
  }

  /** The first line, past or to come, whose message holds `msg`; of those behind the first `after`. */
  async says(msg: string, after = 0): Promise<Record<string, unknown>> {
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    const look = () => {
      const found = this.lines.slice(after).find((line) => String(line['msg']).includes(msg));
      if (found !== undefined) resolve(found);
    };
    this.#listeners.add(look);
    look();
    const found = await promise;
    this.#listeners.delete(look);
    return found;
  }

  /** Orders `action` of this node; gives its receipt when it comes. */
  async order(action: CommandView['action']): Promise<CommandView['receipts'][number]> {
    return await receiptOf(this.wire, this.send(action));
  }

  /** Orders `action` of this node; gives the command's id. */
  send(action: CommandView['action']): string {
    return this.wire.fleet.command({ action, targets: [this.id], expiresInSeconds: 60, by: 'admin' }).id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  #hear(line: string): void {
    this.lines.push(JSON.parse(line));
    for (const listener of this.#listeners) listener();
  }
}

/** The receipt of the command `id`, that of `node` or the only one, when it comes. Meanwhile the master's time goes ten times as fast: what is lost comes again soon. */
export async function receiptOf(wire: Wire, id: string, node?: string): Promise<CommandView['receipts'][number]> {
  const { promise, resolve } = Promise.withResolvers<CommandView['receipts'][number]>();
  const look = () => {
    const all = wire.fleet.commands(100).find((command) => command.id === id)?.receipts ?? [];
    const receipt = all.find((one) => node === undefined || one.node === node);
    if (receipt !== undefined && receipt.outcome !== 'waiting') resolve(receipt);
  };
  const off = wire.fleet.on(look);
  const time = setInterval(() => {
    wire.ahead += 900;
    wire.fleet.tick();
  }, 100);
  look();
  try {
    return await promise;
  } finally {
    clearInterval(time);
    off();
  }
}
