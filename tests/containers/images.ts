// The images as docker-bake.hcl makes them, and what is in them.
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker, root } from './docker.ts';
import { tag } from './stack.ts';

const run = promisify(execFile);

export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

export function bakedImage(part: string, architecture: Architecture): string {
  return `sealcast-${part}:${tag}-${architecture}`;
}

/** Builds targets of docker-bake.hcl, and gives what was said about each step. */
export async function bake(targets: string[], variables: Record<string, string> = {}, cwd = root): Promise<string> {
  const env = { ...process.env, version: tag, ...variables };
  const args = ['buildx', 'bake', '--progress=plain', ...targets];
  return (await run('docker', args, { cwd, env, maxBuffer: 2 ** 28 })).stderr;
}

// What an engine puts into every container.
const added = ['.dockerenv', 'dev', 'proc', 'sys', 'etc/hostname', 'etc/hosts', 'etc/mtab', 'etc/resolv.conf'];

/** Unpacks all that an image holds into a folder, which the caller removes. */
export async function unpack(image: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-image-'));
  const container = (await docker(['create', image])).trim();
  try {
    const excluded = added.map((path) => `--exclude=${path}`);
    await run('bash', [
      '-o',
      'pipefail',
      '-c',
      'docker export "$0" | tar -x "$@"',
      container,
      '-C',
      folder,
      ...excluded,
    ]);
  } finally {
    await docker(['rm', container]);
  }
  return folder;
}
