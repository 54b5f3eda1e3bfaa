// Three folders that a test has for itself, and init as a process on them.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileCache } from '../stack/service-process.ts';

const main = join(import.meta.dirname, '../../services/init/src/main.ts');

export interface Run {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  settings?: Record<string, string>;
  args?: string[];
  /** Loaded before init. */
  preload?: string;
  uid?: number;
  /** What comes by standard input. */
  input?: string;
}

export class Place implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'sealcast-init-'));
  readonly settings = { keys_dir: this.at('keys'), tls_dir: this.at('tls'), nodes_dir: this.at('nodes') };

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  read(...names: string[]): string {
    return readFileSync(this.at(...names), 'utf8');
  }

  write(name: string, contents: string | Buffer): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), contents, { mode: 0o600 });
  }

  /** Runs init to its end. */
  async init({ settings = {}, args = [], preload, uid, input = '' }: Options = {}): Promise<Run> {
    const { PATH = '' } = process.env;
    const before = preload === undefined ? [] : ['--import', preload];
    const child = spawn(process.execPath, [...before, main, ...args], {
      cwd: this.path,
      env: { PATH, NODE_COMPILE_CACHE: compileCache, ...this.settings, ...settings },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    // Who has read enough, or nothing, may have ended by then.
    child.stdin.on('error', () => undefined).end(input);
    const [stdout, stderr, code] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise<number | undefined>((resolve, reject) => {
        child.on('error', reject).on('close', (ended) => resolve(ended ?? undefined));
      }),
    ]);
    return { code, stdout, stderr };
  }

  /** Every file and folder below, with all that a run must not change. */
  snapshot(): Record<string, string> {
    const names = readdirSync(this.path, { recursive: true, encoding: 'utf8' }).toSorted();
    return Object.fromEntries(
      ['.', ...names].map((name) => {
        const { ino, mode, mtimeNs, ctimeNs, uid, gid } = lstatSync(this.at(name), { bigint: true });
        const isFile = lstatSync(this.at(name)).isFile();
        const hash = isFile
          ? createHash('sha256')
              .update(readFileSync(this.at(name)))
              .digest('hex')
          : '-';
        return [name, [ino, mode.toString(8), mtimeNs, ctimeNs, uid, gid, hash].join(' ')];
      }),
    );
  }

  names(folder: string): string[] {
    return readdirSync(this.at(folder)).toSorted();
  }

  mode(...names: string[]): string {
    return (lstatSync(this.at(...names)).mode & 0o7777).toString(8).padStart(4, '0');
  }

  /** What openssl says; throws where it is not content. Its arguments stand between spaces. */
  openssl(args: string): string {
    return execFileSync('openssl', args.split(' '), {
      cwd: this.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  copy(): Place {
    const copy = new Place();
    execFileSync('cp', ['-a', `${this.path}/.`, copy.path]);
    return copy;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}

/** As `test.runIf` wants it: only root can give files away and become somebody else. */
export const isRoot = process.getuid?.() === 0;
