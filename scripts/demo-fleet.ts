// Init, a master and its nodes as processes on this machine, all on 127.0.0.1 and in one folder.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { nodeFlags, nodeSettings } from './node-flags.ts';
import { Program } from './program.ts';

const dist = join(import.meta.dirname, '../dist');
const address = '127.0.0.1';
const adminName = 'admin';

/** One of the programs ended by itself. The message holds the last lines that it said. */
class ProgramEnded extends Error {
  override readonly name = 'ProgramEnded';

  constructor(program: Program, how: string) {
    super([`${program.name} ended with ${how}; it said:`, ...program.lastLines].join('\n  '));
  }
}

/** Keys and data below `folder`, which need not be there; what is there is used again. */
export class DemoFleet implements AsyncDisposable {
  readonly url: string;
  readonly client: MasterClient;
  readonly programs: Program[] = [];
  /** Rejects when a program ends without having been asked to. */
  readonly failure: Promise<never>;
  readonly #folder: string;
  readonly #serverPort: number;
  readonly #mq: Record<string, string>;
  readonly #fail: (reason: Error) => void;
  #stopping = false;

  private constructor(folder: string, serverPort: number, [sub, pub, joinSub, joinPub]: number[]) {
    this.#folder = folder;
    this.#serverPort = serverPort;
    this.#mq = {
      mq_sub_host: address,
      mq_sub_port: String(sub),
      mq_pub_port: String(pub),
      mq_join_sub_port: String(joinSub),
      mq_join_pub_port: String(joinPub),
    };
    this.url = `http://${address}:${serverPort}/`;
    this.client = new MasterClient(this.url);
    const { promise, reject } = Promise.withResolvers<never>();
    this.failure = promise;
    this.#fail = reject;
    // Whoever waits for the fleet sees it; nobody waiting is no fault of its own.
    promise.catch(() => {});
  }

  /** The master listens on `serverPort`, or on a free port where that one is taken. */
  static async at(folder: string, serverPort: number): Promise<DemoFleet> {
    mkdirSync(join(folder, 'log'), { recursive: true, mode: 0o700 });
    const [server = 0, ...mq] = await freePorts([serverPort, 0, 0, 0, 0]);
    return new DemoFleet(folder, server, mq);
  }

  get admin(): { name: string; password: string } {
    return { name: adminName, password: readFileSync(join(this.#folder, 'keys/admin.password'), 'utf8').trim() };
  }

  #program(name: string, part: string, settings: Record<string, string>, flags: string[] = []): Program {
    const main = join(dist, part, 'main.cjs');
    return new Program(name, [...flags, main], settings, join(this.#folder, 'log', `${name}.log`));
  }

  /** Makes the keys and invites that are missing. */
  async init(nodes: number): Promise<void> {
    const { mq_sub_host: mq_public_host = address, ...ports } = this.#mq;
    const init = this.#program('init', 'init', {
      ...ports,
      mq_public_host,
      init_nodes: String(nodes),
      init_admin: adminName,
      ...this.#folders('keys_dir', 'tls_dir', 'nodes_dir'),
    });
    const how = await init.ended;
    if (how !== 'exit code 0') throw new ProgramEnded(init, how);
  }

  /** Resolves once the master answers. */
  async startMaster(): Promise<Program> {
    const master = this.#program('master', 'master', {
      ...this.#mq,
      server_host: address,
      server_port: String(this.#serverPort),
      mq_public_host: address,
      dashboard_dir: join(dist, 'dashboard'),
      ...this.#folders('keys_dir', 'data_dir'),
    });
    const listening = master.line((line) => line.includes('listening at'));
    this.#watch(master);
    await Promise.race([listening, this.failure]);
    return master;
  }

  startNode(name: string, invite: number): Program {
    const node = this.#program(
      name,
      'node',
      {
        ...this.#mq,
        node_name: name,
        mq_invite_code: join(this.#folder, `nodes/invite-${invite}`),
        mq_transport_pub_key: join(this.#folder, 'nodes/transport.pub'),
        state_dir: join(this.#folder, name),
        ...nodeSettings,
      },
      nodeFlags,
    );
    this.#watch(node);
    return node;
  }

  #folders(...names: string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, join(this.#folder, name.replace('_dir', ''))]));
  }

  #watch(program: Program): void {
    this.programs.push(program);
    void this.#expectNoEnd(program);
  }

  async #expectNoEnd(program: Program): Promise<void> {
    const how = await program.ended;
    if (!this.#stopping) this.#fail(new ProgramEnded(program, how));
  }

  /** Nodes first, so that they can say that they leave. Throws where one did not end well. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const faults: Error[] = [];
    const stop = async (program: Program): Promise<void> => {
      const how = await program.stop();
      if (how !== 'exit code 0') faults.push(new ProgramEnded(program, how));
    };
    const [master, ...nodes] = this.programs;
    await Promise.all(nodes.map(stop));
    if (master !== undefined) await stop(master);
    if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.programs.map((program) => program.stop()));
  }
}
