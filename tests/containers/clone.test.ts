import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { MasterClient } from '../../scripts/master-client.ts';
import { docker, root } from './docker.ts';
import { freePlace } from './stack.ts';

/** What a clone would hold, were all of this committed: no node_modules, no dist, no .env. */
function freshClone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-clone-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  return folder;
}

test('a fresh clone comes up healthy with `docker compose up --build --wait`, and `down -v` leaves nothing', async () => {
  const { project, httpsPort, settings } = await freePlace();
  const folder = freshClone();
  const images = ['init', 'master', 'node'].map((part) => `sealcast-${part}:${project}`);
  const compose = async (...args: string[]): Promise<string> =>
    await docker(['compose', '--project-name', project, ...args], { ...settings, sealcast_tag: project }, folder);
  const left = async (): Promise<string> => {
    const label = ['--filter', `label=com.docker.compose.project=${project}`, '--quiet'];
    const [containers, volumes, networks] = await Promise.all([
      docker(['ps', '--all', ...label]),
      docker(['volume', 'ls', ...label]),
      docker(['network', 'ls', ...label]),
    ]);
    return [containers, volumes, networks].map((list) => list.split('\n').filter(Boolean).length).join(' ');
  };
  try {
    await compose('up', '--build', '--wait');
    const authority = await compose('exec', '-T', 'master', 'cat', '/var/lib/sealcast/keys/tls-ca.crt');
    const health = await new MasterClient(`https://localhost:${httpsPort}/`, authority).ask('api/health');
    expect([health.status, health.body]).toEqual([200, '{"status":"ok"}']);
    // Six containers, seven volumes, two networks.
    expect(await left()).toBe('6 7 2');
  } finally {
    await compose('down', '--volumes', '--timeout', '5');
    await docker(['image', 'rm', ...images]);
    rmSync(folder, { recursive: true });
  }
  expect(await left()).toBe('0 0 0');
});
