// A real Prometheus, Debian's, that reads one master as docs/monitoring.md tells.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '../../scripts/free-ports.ts';

interface Answer<T> {
  status: string;
  error?: string;
  data: T;
}

export interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

const page = join(import.meta.dirname, '../../docs/monitoring.md');
const documented = /```yaml\n(# prometheus\.yml\n.*?)```/s;

/** The alerts that docs/monitoring.md proposes, in YAML. */
export function alertRules(): string {
  return /```yaml\n(# sealcast\.rules\.yml\n.*?)```/s.exec(readFileSync(page, 'utf8'))?.[1] ?? '';
}

export class Prometheus implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  /** With the documented configuration, but for where the master and the token are, and for patience. */
  static async start(master: URL, tokenFile: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'sealcast-prometheus-'));
    const text = await readFile(page, 'utf8');
    const [port] = await freePorts([0]);
    const config = (documented.exec(text)?.[1] ?? '')
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
      .replace('scheme: https', `scheme: ${master.protocol.replace(':', '')}`)
      .replace('metrics_path: /metrics', `metrics_path: ${master.pathname}`)
      .replace('/etc/prometheus/sealcast.token', tokenFile)
      .replace('sealcast.lan:8443', master.host)
      .replace(/^ *tls_config:.*\n(?: {6}.*\n)*/m, '');
    await writeFile(join(folder, 'prometheus.yml'), config);
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, folder, child);
    for await (const line of createInterface({ input: child.stderr })) {
      if (line.includes('Server is ready')) break;
      if (line.includes('level=error')) throw new Error(line);
    }
    child.stderr?.resume();
    return prometheus;
  }

  /** The samples that `query` gives now. Throws where Prometheus can't answer it. */
  async query(query: string): Promise<Sample[]> {
    return (await this.#ask<{ result: Sample[] }>(`query?${new URLSearchParams({ query }).toString()}`)).result;
  }

  /** What it says of the master that it reads: its health, and why it is not well. */
  async target(): Promise<{ health: string; lastError: string }> {
    const { activeTargets } = await this.#ask<{ activeTargets: { health: string; lastError: string }[] }>('targets');
    return activeTargets[0] ?? { health: 'none', lastError: 'there is no target' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ask<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as Answer<T>;
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}
