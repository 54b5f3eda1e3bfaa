// The project's own Compose file under a name and ports that nothing else has.
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DockerComposeEnvironment, type StartedDockerComposeEnvironment } from 'testcontainers';
import { freePorts } from '../../scripts/free-ports.ts';
import { MasterClient } from '@sealcast/cli/api/master-client';
import type { Where } from '../documents/typed.ts';
import { buildImage, docker, root } from './docker.ts';

/** Of this checkout's images: two checkouts that are tested side by side don't take each other's. */
export const tag = `test-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
export const nodeImage = `sealcast-node:${tag}`;
export const services = ['master', 'node-1', 'node-2', 'node-3', 'nginx'];

export interface Place {
  project: string;
  settings: Record<string, string>;
  httpsPort: number;
}

interface NodePlace {
  network?: string;
  volume?: string;
  state?: string;
  image?: string;
  options?: string[];
}

/** A project name and ports of 127.0.0.1 that are free now. */
export async function freePlace(): Promise<Place> {
  const [https = 0, sub, pub, joinSub, joinPub] = await freePorts([0, 0, 0, 0, 0]);
  return {
    project: `sealcast-test-${randomBytes(4).toString('hex')}`,
    httpsPort: https,
    settings: {
      // What a developer keeps in .env is no part of a test.
      COMPOSE_DISABLE_ENV_FILE: '1',
      sealcast_tag: tag,
      publish_https_host: '127.0.0.1',
      publish_https_port: String(https),
      publish_mq_host: '127.0.0.1',
      mq_sub_port: String(sub),
      mq_pub_port: String(pub),
      mq_join_sub_port: String(joinSub),
      mq_join_pub_port: String(joinPub),
      report_interval: '1',
    },
  };
}

/** `docker compose` in `place`. */
export async function compose({ project, settings }: Place, ...args: string[]): Promise<string> {
  return await docker(['compose', '--project-name', project, ...args], settings);
}

/** Takes everything away that has the project's name, volumes too. */
export async function takeDown(place: Place): Promise<void> {
  await compose(place, 'down', '--volumes', '--remove-orphans', '--timeout', '1');
}

/** Ids of the project's containers, volumes and networks, a text each. */
export async function leftOf({ project }: Place): Promise<string[]> {
  const label = ['--filter', `label=com.docker.compose.project=${project}`, '--quiet'];
  const lists = [
    ['ps', '--all'],
    ['volume', 'ls'],
    ['network', 'ls'],
  ];
  return await Promise.all(lists.map(async (list) => await docker([...list, ...label])));
}

/** All services up and healthy. */
export class Stack implements AsyncDisposable {
  readonly place: Place;
  readonly authority: string;
  readonly #environment: StartedDockerComposeEnvironment;
  readonly #extra: string[] = [];

  private constructor(place: Place, environment: StartedDockerComposeEnvironment, authority: string) {
    this.place = place;
    this.#environment = environment;
    this.authority = authority;
  }

  static async start(settings: Record<string, string> = {}, overlays: string[] = []): Promise<Stack> {
    const free = await freePlace();
    const place = { ...free, settings: { ...free.settings, ...settings } };
    const environment = await new DockerComposeEnvironment(root, ['docker-compose.yml', ...overlays])
      .withProjectName(place.project)
      .withEnvironment(place.settings)
      .withBuild()
      .up();
    const authority = await docker(['exec', `${place.project}-master-1`, 'cat', '/var/lib/sealcast/keys/tls-ca.crt']);
    return new Stack(place, environment, authority);
  }

  get url(): string {
    return `https://localhost:${this.place.httpsPort}/`;
  }

  /** Where somebody stands who types `docker compose` for this stack; another folder serves as well. */
  get shell(): Where & { settings: Record<string, string> } {
    const { project, settings } = this.place;
    const file = join(root, 'docker-compose.yml');
    return { cwd: root, settings: { ...settings, COMPOSE_PROJECT_NAME: project, COMPOSE_FILE: file } };
  }

  container(service: string): string {
    return `${this.place.project}-${service}-1`;
  }

  volume(name: string): string {
    return `${this.place.project}_${name}`;
  }

  async password(): Promise<string> {
    const file = '/var/lib/sealcast/keys/admin.password';
    return (await docker(['exec', this.container('master'), 'cat', file])).trim();
  }

  /** Signed in, over TLS that is verified against init's authority. */
  async client(): Promise<MasterClient> {
    const client = new MasterClient(this.url, this.authority);
    await client.signIn('admin', await this.password());
    return client;
  }

  /**
   * Starts one more node, on the nodes' network and without the nodes' volume unless told otherwise.
   * @param where `volume` and `state` are names of volumes; `options` are docker's own
   */
  async runNode(settings: Record<string, string>, where: NodePlace = {}): Promise<string> {
    const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const volume = where.volume === undefined ? [] : ['--volume', `${where.volume}:/var/lib/sealcast/nodes:ro`];
    const folder = '/var/lib/sealcast/state';
    const state =
      where.state === undefined
        ? ['--tmpfs', `${folder}:uid=36500,gid=36500,mode=0700`]
        : ['--volume', `${where.state}:${folder}`];
    const args = ['run', '--detach', '--read-only', '--cap-drop=ALL', '--tmpfs', '/tmp', ...state];
    const network = ['--network', where.network ?? `${this.place.project}_field`];
    const more = where.options ?? [];
    const image = where.image ?? nodeImage;
    const container = (await docker([...args, ...network, ...volume, ...env, ...more, image])).trim();
    this.#extra.push(container);
    return container;
  }

  /** A new invite, into the nodes' network. */
  async invite(client: MasterClient, label: string): Promise<string> {
    const { body } = await client.ask('api/invites', { method: 'POST', json: { label, host: 'master' } });
    return (JSON.parse(body) as { invite: string }).invite;
  }

  /** Something that does nothing takes the next free address of a network. */
  async occupyAddress(network: string): Promise<void> {
    await this.runIdle(network);
  }

  /** A container with Node in it that does nothing by itself, in a network of the project. */
  async runIdle(network: string): Promise<string> {
    const args = [
      'run',
      '--detach',
      '--init',
      '--network',
      `${this.place.project}_${network}`,
      '--entrypoint',
      'sleep',
    ];
    const container = (await docker([...args, buildImage, 'infinity'])).trim();
    this.#extra.push(container);
    return container;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#extra.length > 0) await docker(['rm', '--force', '--volumes', ...this.#extra]);
    await this.#environment.down({ timeout: 1000 });
  }
}
