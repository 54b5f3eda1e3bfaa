import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './docker.ts';
import { freshClone } from './fresh-clone.ts';
import { SecondEngine } from './second-engine.ts';
import { tag } from './stack.ts';

const run = promisify(execFile);
const settings = { sealcast_tag: tag, COMPOSE_DISABLE_ENV_FILE: '1' };
// A second engine takes root, and a dockerd; with CI=true it is a failure where they are missing.
const able =
  (process.getuid?.() === 0 && ['/usr/sbin/dockerd', '/usr/bin/dockerd'].some(existsSync)) ||
  process.env['CI'] === 'true';
let engine: SecondEngine;
let folder: string;
let clone: string;
let archive: string;

/** What is told, in the clone, on the machine without a way out. */
async function there(program: string, ...args: string[]): Promise<string> {
  return await engine.run(program, args, { cwd: clone, settings });
}

describe.skipIf(!able)('on a machine without a registry and without the internet', () => {
  beforeAll(async () => {
    clone = freshClone();
    folder = mkdtempSync(join(tmpdir(), 'sealcast-offline-'));
    archive = join(folder, 'sealcast.tar.gz');
    await run('scripts/images', ['save', archive], {
      cwd: root,
      env: { ...process.env, ...settings },
      maxBuffer: 2 ** 28,
    });
    engine = await SecondEngine.start();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    for (const path of [clone, folder]) rmSync(path, { recursive: true });
  });

  test('the other engine has no image, and reaches nothing that has', async () => {
    expect(await there('docker', 'image', 'ls', '--quiet')).toBe('');
    await expect(there('docker', 'pull', 'nginx:stable')).rejects.toThrow(/dial tcp|lookup|unreachable/);
  });

  test('a file that is not the one that was saved is not loaded', async () => {
    const other = join(folder, 'other.tar.gz');
    await run('cp', [archive, other]);
    await expect(there('scripts/images', 'load', other)).rejects.toThrow(/other\.tar\.gz\.sha256 is missing/);
    const sum = (await run('sha256sum', [archive])).stdout.slice(0, 64);
    writeFileSync(`${other}.sha256`, `${sum}  other.tar.gz\n`);
    appendFileSync(other, '\0');
    await expect(there('scripts/images', 'load', other)).rejects.toThrow(/is not what was saved.*Nothing was loaded/s);
    await expect(there('scripts/images', 'load', archive, 'a'.repeat(64))).rejects.toThrow(/is not what was saved/);
    expect(await there('docker', 'image', 'ls', '--quiet')).toBe('');
    rmSync(other);
  });

  test('with the file that was saved, `docker compose up --wait` starts everything, and builds nothing', async () => {
    const said = await there('scripts/images', 'load', archive);
    for (const name of ['init', 'master', 'relay', 'node']) expect(said).toContain(`images: sealcast-${name}:${tag}\n`);
    try {
      const started = await there('docker', 'compose', 'up', '--wait');
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

  test('help is what a wrong call gets, and no file', async () => {
    const wrong = run('scripts/images', ['save', join(folder, 'x.tar.gz'), 'everything'], { cwd: root });
    await expect(wrong).rejects.toThrow(/no such image or option: everything[^]*scripts\/images load FILE/);
    expect(existsSync(join(folder, 'x.tar.gz'))).toBe(false);
  });
});
