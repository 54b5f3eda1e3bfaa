// A second machine with a network of its own: Debian under systemd, which reaches this machine by one address and nothing else of it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { docker } from './docker.ts';
import { Passages } from './passages.ts';
import { tag } from './stack.ts';

const run = promisify(execFile);

/** Its image, built. */
export async function farHostImage(): Promise<string> {
  const image = `sealcast-test-far-host:${tag}`;
  await docker(['build', '-q', '-t', image, '-f', 'tests/containers/far-host.Dockerfile', 'tests/containers']);
  return image;
}

export interface Outcome {
  code: number;
  /** Both outputs. */
  text: string;
}

export class FarHost implements AsyncDisposable {
  /** Of this machine, as it is seen from there. */
  readonly gateway: string;
  readonly #container: string;
  readonly #network: string;
  readonly #passages = new Passages();

  private constructor(container: string, network: string, gateway: string) {
    this.#container = container;
    this.#network = network;
    this.gateway = gateway;
  }

  /** Booted. */
  static async start(hostName: string): Promise<FarHost> {
    const image = await farHostImage();
    const network = (await docker(['network', 'create', `sealcast-far-${process.pid}`])).trim();
    const gateway = await docker(['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', network]);
    // What systemd needs to keep services apart, and no more: not every engine may give all.
    const caps = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE'].map((cap) => `--cap-add=${cap}`);
    const open = ['--security-opt=seccomp=unconfined', '--security-opt=apparmor=unconfined', '--cgroupns=private'];
    const place = ['--network', network, '--hostname', hostName, '--tmpfs=/run', '--tmpfs=/tmp'];
    const container = (
      await docker(['run', '--detach', ...caps, ...open, '--security-opt=systempaths=unconfined', ...place, image])
    ).trim();
    const host = new FarHost(container, network, gateway.trim());
    const { text } = await host.root(
      'until [ -S /run/systemd/private ]; do sleep 0.1; done; systemctl is-system-running --wait; systemctl --failed',
    );
    if (text.startsWith('running\n')) return host;
    await host[Symbol.asyncDispose]();
    throw new Error(`the far host did not come up: ${text}`);
  }

  /** Whoever connects to `port` of the gateway comes out at `port` of 127.0.0.1 here. */
  async let(ports: readonly (number | string)[]): Promise<void> {
    await this.#passages.open(this.gateway, ports);
  }

  /** Puts a folder of this machine into pat's. */
  async bring(folder: string, name: string): Promise<void> {
    await docker(['cp', folder, `${this.#container}:/home/pat/${name}`]);
  }

  /** Runs a line of shell as root. */
  async root(line: string): Promise<Outcome> {
    return await this.#shell('root', line);
  }

  /** Pastes a line into the shell of somebody who may use sudo. */
  async paste(line: string): Promise<Outcome> {
    return await this.#shell('pat', line);
  }

  async #shell(user: string, line: string): Promise<Outcome> {
    const args = ['exec', '--user', user, this.#container, 'bash', '-c', `{ ${line}\n} 2>&1`];
    return await run('docker', args, { maxBuffer: 2 ** 26 }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, text: error.stdout }),
    );
  }

  /**
   * Every file, folder and account of the machine, but for what its own system writes as time goes by, and for what the accounts were
   * before their last change. Times are left out: that of a folder tells that something was in it.
   */
  async everything(): Promise<string[]> {
    const own = [
      '/proc',
      '/sys',
      '/dev',
      '/run',
      '/var/log',
      '/var/lib/systemd',
      '/var/cache',
      '/var/lib/sudo',
      "'/etc/*-'",
    ];
    const skip = own.map((path) => `-path ${path}`).join(' -o ');
    const { text } = await this.root(
      `find / \\( ${skip} \\) -prune -o \\( -type d -printf '%p %m %u:%g\\n' -o -printf '%p %m %u:%g %s\\n' \\) | sort; cat /etc/passwd /etc/group`,
    );
    return text.split('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#passages[Symbol.dispose]();
    await docker(['rm', '--force', '--volumes', this.#container]);
    await docker(['network', 'rm', this.#network]);
  }
}
