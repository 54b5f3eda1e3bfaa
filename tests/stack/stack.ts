// A whole Sealcast on this machine: init's files, a master and nodes as processes, an admin who is signed in.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from './admin.ts';
import { freePorts } from '../../scripts/free-ports.ts';
import { ServiceProcess } from './service-process.ts';

export interface StackOptions {
  /** How many nodes init makes invites for. */
  invites?: number;
  /** Settings of the master beside the usual ones; init is told of the mechanism too. */
  master?: Record<string, string>;
}

export class Stack implements AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  readonly keys: string;
  /** By the name of the setting. */
  readonly ports: Readonly<Record<string, string>>;
  master: ServiceProcess;
  readonly nodes = new Map<string, ServiceProcess>();
  readonly #masterEnv: Record<string, string>;
  readonly #extra: ServiceProcess[] = [];

  private constructor(folder: string, masterEnv: Record<string, string>) {
    this.folder = folder;
    this.keys = join(folder, 'keys');
    this.url = `http://127.0.0.1:${masterEnv['server_port']}${masterEnv['server_virtual_host'] ?? ''}`;
    this.#masterEnv = masterEnv;
    this.ports = masterEnv;
    this.master = new ServiceProcess('master', masterEnv);
  }

  static async start({ invites = 3, master = {} }: StackOptions = {}): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'sealcast-'));
    const [server, sub, pub, joinSub, joinPub] = (await freePorts([0, 0, 0, 0, 0])).map(String);
    if (!server || !sub || !pub || !joinSub || !joinPub) throw new Error('five ports were asked for');
    const ports = { mq_sub_port: sub, mq_pub_port: pub, mq_join_sub_port: joinSub, mq_join_pub_port: joinPub };
    const keys = { keys_dir: join(folder, 'keys'), tls_dir: join(folder, 'tls'), nodes_dir: join(folder, 'nodes') };
    await using init = new ServiceProcess('init', {
      ...keys,
      ...ports,
      mq_public_host: '127.0.0.1',
      init_nodes: String(invites),
      mq_mechanism: master['mq_mechanism'] ?? '',
      ...(master['mq_mechanism'] === undefined ? {} : { mq_mechanism: master['mq_mechanism'] }),
    });
    if ((await init.exited) !== 0) throw new Error(`init failed:\n${init.text}`);
    const stack = new Stack(folder, {
      ...keys,
      ...ports,
      server_host: '127.0.0.1',
      server_port: server,
      mq_sub_host: '127.0.0.1',
      mq_public_host: '127.0.0.1',
      data_dir: join(folder, 'data'),
      dashboard_dir: join(import.meta.dirname, '../../dist/dashboard'),
      log_level: 'debug',
      ...master,
    });
    await stack.master.says('listening');
    return stack;
  }

  /** Starts the node `name` with init's invite of that number, or whatever `env` says. */
  startNode(name: string, invite: number, env: Record<string, string> = {}): ServiceProcess {
    const node = new ServiceProcess('node', {
      mq_invite_code: join(this.folder, 'nodes', `invite-${invite}`),
      state_dir: this.stateOf(name),
      node_name: name,
      log_level: 'debug',
      ...env,
    });
    const older = this.nodes.get(name);
    if (older !== undefined) this.#extra.push(older);
    this.nodes.set(name, node);
    return node;
  }

  stateOf(name: string): string {
    return join(this.folder, `state-${name}`);
  }

  /** The master again, with what it has on disk. */
  async restartMaster(env: Record<string, string> = {}): Promise<ServiceProcess> {
    this.#extra.push(this.master);
    await this.master.exited;
    this.master = new ServiceProcess('master', { ...this.#masterEnv, ...env });
    await this.master.says('listening');
    return this.master;
  }

  async signIn(): Promise<Admin> {
    const password = (await readFile(join(this.keys, 'admin.password'), 'utf8')).trim();
    return await Admin.signIn(this.url, 'admin', password);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [this.master, ...this.nodes.values(), ...this.#extra];
    await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
