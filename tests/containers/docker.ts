// The docker command line, for what Testcontainers has no call for.
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const root = new URL('../..', import.meta.url).pathname;
export const buildImage = 'node:26-trixie-slim';

/** Resolves with what it printed; rejects with what it complained of. */
export async function docker(args: string[], settings: Record<string, string> = {}, cwd = root): Promise<string> {
  const options = { cwd, env: { ...process.env, ...settings }, maxBuffer: 2 ** 28 };
  return (await run('docker', args, options)).stdout;
}

/** Both outputs of a container so far. */
export async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await run('docker', ['logs', container], { maxBuffer: 2 ** 28 });
  return stdout + stderr;
}

const lineTimeoutMs = 60_000;

/** Waits for a line of a container's log, from its beginning on; rejects when the log ends, or a minute, without one. */
export async function logLine(container: string, wanted: RegExp): Promise<string> {
  const follow = spawn('docker', ['logs', '--follow', container], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: lineTimeoutMs,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const lines: string[] = [];
  for (const stream of [follow.stdout, follow.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (wanted.test(line)) resolve(line);
    });
  follow.once('close', () =>
    reject(new Error(`no line like ${wanted} in the log of ${container}:\n${lines.join('\n')}`)),
  );
  try {
    return await promise;
  } finally {
    follow.kill();
  }
}

export interface FoundFile {
  path: string;
  mode: string;
  owner: string;
  modified: string;
  sha256: string;
}

/** Every file and folder of a volume, but for the volume's own. */
export async function filesIn(volume: string): Promise<FoundFile[]> {
  const script = `cd /v; find . -mindepth 1 -printf '%P\\t%m\\t%U:%G\\t%T@\\n' | sort | while IFS= read -r line; do
    path=\${line%%$'\\t'*}; printf '%s\\t%s\\n' "$line" "$([ -d "$path" ] || sha256sum <"$path" | cut -c1-64)"; done`;
  const listing = await inVolume(volume, script);
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', mode = '', owner = '', modified = '', sha256 = ''] = line.split('\t');
      return { path, mode, owner, modified, sha256 };
    });
}

/**
 * Runs a program of the build image as the user of `container`, among its processes and in its network, since an image of ours
 * may have no program but its own. What the container sees of files is below /proc/1/root.
 */
export async function beside(container: string, ...program: string[]): Promise<string> {
  const places = [`--pid=container:${container}`, `--network=container:${container}`, '--user=36500:36500'];
  return await docker(['run', '--rm', ...places, buildImage, ...program]);
}

/** Runs a line of bash as root with the volume, read-only, at /v. */
export async function inVolume(volume: string, script: string): Promise<string> {
  const mount = `type=volume,source=${volume},target=/v,readonly,volume-nocopy`;
  return await docker(['run', '--rm', '--network=none', '--mount', mount, buildImage, 'bash', '-c', script]);
}
