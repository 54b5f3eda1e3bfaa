import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documented } from '../documents/commands.ts';
import { root } from './docker.ts';
import { freshClone } from './fresh-clone.ts';
import { SecondEngine } from './second-engine.ts';
import { tag } from './stack.ts';

const run = promisify(execFile);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const settings = { sealcast_tag: tag, COMPOSE_DISABLE_ENV_FILE: '1' };
// A second engine takes root, and a dockerd; with CI=true it is a failure where they are missing.
const able =
  (process.getuid?.() === 0 && ['/usr/sbin/dockerd', '/usr/bin/dockerd'].some(existsSync)) ||
  process.env['CI'] === 'true';
const withSum = documented('docs/offline.md', './scripts/images load sealcast.tar.gz SHA256');
let engine: SecondEngine;
let clone: string;
let archive: string;

const packed = (file: string): number => statSync(join(clone, file)).size / 1e6;

/** Types a line in the clone, on this machine. */
async function typedHere(line: string, env: Record<string, string> = settings): Promise<void> {
  const options = { cwd: clone, env: { ...process.env, ...env }, maxBuffer: 2 ** 28 };
  await run('sh', ['-ec', line], options);
}

/** The same on the machine without a way out; gives all that was said. */
async function typedThere(line: string): Promise<string> {
  return await there('sh', '-ec', line);
}

/** What is told, in the clone, on the machine without a way out. */
async function there(program: string, ...args: string[]): Promise<string> {
  return await engine.run(program, args, { cwd: clone, settings });
}

describe.skipIf(!able)('on a machine without a registry and without the internet', () => {
  beforeAll(async () => {
    clone = freshClone();
    archive = join(clone, 'sealcast.tar.gz');
    await typedHere(documented('docs/offline.md', './scripts/images save sealcast.tar.gz'));
    // Nobody else reads it here.
    writeFileSync(join(clone, '.env'), `sealcast_tag='${tag}' # ours\nnginx_image=localhost:1/nginx\n`);
    await typedHere(documented('docs/offline.md', './scripts/images save sealcast-pi.tar.gz --arm64 node'), {});
    engine = await SecondEngine.start();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(clone, { recursive: true });
  });

  test('the other engine has no image, and reaches nothing that has', async () => {
    expect(await there('docker', 'image', 'ls', '--quiet')).toBe('');
    await expect(there('docker', 'pull', 'nginx:stable')).rejects.toThrow(/dial tcp|lookup|unreachable/);
  });

  test('a file that is not the one that was saved is not loaded', async () => {
    const other = join(clone, 'other.tar.gz');
    await run('cp', [archive, other]);
    await expect(there('scripts/images', 'load', other)).rejects.toThrow(/other\.tar\.gz\.sha256 is missing/);
    const sum = (await run('sha256sum', [archive])).stdout.slice(0, 64);
    writeFileSync(`${other}.sha256`, `${sum}  other.tar.gz\n`);
    appendFileSync(other, '\0');
    await expect(there('scripts/images', 'load', other)).rejects.toThrow(/is not what was saved.*Nothing was loaded/s);
    await expect(typedThere(withSum.replace('SHA256', 'a'.repeat(64)))).rejects.toThrow(/is not what was saved/);
    expect(await there('docker', 'image', 'ls', '--quiet')).toBe('');
    rmSync(other);
  });

  test('a file with an image for another architecture is refused, and what is there stays as it is', async () => {
    const image = `sealcast-node:${tag}-arm64`;
    // Somebody has built it there, for others.
    await there('sh', '-ec', `tar -c --files-from /dev/null | docker import - ${image}`);
    const listed = ['docker', 'image', 'ls', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'] as const;
    const before = await there(...listed);
    expect(before).toContain(image);
    const refusal = `${image} is for another architecture.*Nothing was loaded`;
    await expect(there('scripts/images', 'load', 'sealcast-pi.tar.gz')).rejects.toThrow(new RegExp(refusal, 's'));
    expect(await there(...listed)).toBe(before);
    await there('docker', 'image', 'rm', image);
  });

  test('a file is as big as its page tells', () => {
    const [, node, all] =
      /Packed, a node is (\d+) MB, and everything with nginx (\d+) MB\./.exec(read('docs/offline.md')) ?? [];
    expect(Math.abs(packed('sealcast-pi.tar.gz') - Number(node))).toBeLessThan(3);
    expect(Math.abs(packed('sealcast.tar.gz') - Number(all))).toBeLessThan(10);
  });

  test('with the file that was saved, `docker compose up --wait` starts everything, and builds nothing', async () => {
    const said = await typedThere(documented('docs/offline.md', './scripts/images load sealcast.tar.gz'));
    for (const name of ['init', 'master', 'relay', 'node']) expect(said).toContain(`images: sealcast-${name}:${tag}\n`);
    try {
      const started = await typedThere(documented('docs/offline.md', 'docker compose up --wait'));
      expect(started).not.toMatch(/build/i);
      const services = (await there('docker', 'compose', 'ps', '--format', '{{.Service}} {{.Health}}'))
        .trim()
        .split('\n');
      const all = ['master', 'nginx', 'node-1', 'node-2', 'node-3'];
      expect(services.toSorted()).toEqual(all.map((service) => `${service} healthy`));
    } finally {
      await there('docker', 'compose', 'down', '--volumes', '--timeout', '1');
    }
  });

  test('what images are called is read from .env where the environment does not say it', async () => {
    await expect(typedHere('./scripts/images save none.tar.gz nginx', {})).rejects.toThrow('no localhost:1/nginx');
    const other = { nginx_image: 'localhost:1/other' };
    await expect(typedHere('./scripts/images save none.tar.gz nginx', other)).rejects.toThrow('no localhost:1/other');
  });

  test('help is what a wrong call gets, and no file', async () => {
    const wrong = run('scripts/images', ['save', join(clone, 'x.tar.gz'), 'everything'], { cwd: clone });
    await expect(wrong).rejects.toThrow(/no such image or option: everything[^]*scripts\/images load FILE/);
    expect(existsSync(join(clone, 'x.tar.gz'))).toBe(false);
  });
});
