// Relays as processes of their own before a whole stack, and how a master is told of one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../scripts/free-ports.ts';
import type { Admin } from './admin.ts';
import { ServiceProcess } from './service-process.ts';

export interface KnownRelay {
  id: string;
  line: string;
}

export class RelayProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #env: Record<string, string>;
  process: ServiceProcess;

  private constructor(folder: string, env: Record<string, string>) {
    this.folder = folder;
    this.#env = env;
    this.process = new ServiceProcess('relay', env);
  }

  /** `upstream` is the line of the hop above. */
  static async start(upstream: string, env: Record<string, string> = {}): Promise<RelayProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'sealcast-relay-'));
    const [sub, pub, joinSub, joinPub] = (await freePorts([0, 0, 0, 0])).map(String);
    if (!sub || !pub || !joinSub || !joinPub) throw new Error('four ports were asked for');
    const relay = new RelayProcess(folder, {
      mq_upstream: upstream,
      mq_public_host: '127.0.0.1',
      mq_sub_host: '127.0.0.1',
      mq_sub_port: sub,
      mq_pub_port: pub,
      mq_join_sub_port: joinSub,
      mq_join_pub_port: joinPub,
      relay_dir: join(folder, 'relay'),
      log_level: 'debug',
      ...env,
    });
    await relay.process.says('this relay is running');
    return relay;
  }

  /** What it prints for the master. */
  async line(): Promise<string> {
    return String((await this.process.says('this relay is running'))['line']);
  }

  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.process.stop(signal);
    this.process = new ServiceProcess('relay', this.#env);
    await this.process.says('this relay is running');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The line of the master itself. */
export async function masterLine(admin: Admin): Promise<string> {
  return (await admin.get<{ line: string }>('relays')).line;
}

export function tellOf(admin: Admin, line: string, name = 'site'): Promise<KnownRelay> {
  return admin.post<KnownRelay>('relays', { name, line });
}

/** An invite for a node that is to come through a relay. */
export async function inviteThrough(admin: Admin, relay: KnownRelay, label = 'far'): Promise<string> {
  const order = { label, hours: 1, relay: relay.id };
  return (await admin.post<{ invite: string }>('invites', order)).invite;
}
