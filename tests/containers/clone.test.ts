import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { MasterClient } from '../../scripts/master-client.ts';
import { docker, root } from './docker.ts';
import { freePlace, tag } from './stack.ts';

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

/** How many containers, volumes and networks the project has. */
async function left(project: string): Promise<string> {
  const label = ['--filter', `label=com.docker.compose.project=${project}`, '--quiet'];
  const lists = await Promise.all([
    docker(['ps', '--all', ...label]),
    docker(['volume', 'ls', ...label]),
    docker(['network', 'ls', ...label]),
  ]);
  return lists.map((list) => list.split('\n').filter(Boolean).length).join(' ');
}

test('a fresh clone comes up healthy with `docker compose up --build --wait`, and `down -v` leaves nothing', async () => {
  const { project, httpsPort, settings } = await freePlace();
  const folder = freshClone();
  const images = ['init', 'master', 'node'].map((part) => `sealcast-${part}:${project}`);
  const compose = async (...args: string[]): Promise<string> =>
    await docker(['compose', '--project-name', project, ...args], { ...settings, sealcast_tag: project }, folder);
  try {
    await compose('up', '--build', '--wait');
    const authority = await compose('exec', '-T', 'master', 'cat', '/var/lib/sealcast/keys/tls-ca.crt');
    const health = await new MasterClient(`https://localhost:${httpsPort}/`, authority).ask('api/health');
    expect([health.status, health.body]).toEqual([200, '{"status":"ok"}']);
    // Six containers, seven volumes, two networks.
    expect(await left(project)).toBe('6 7 2');
  } finally {
    await compose('down', '--volumes', '--timeout', '5');
    await docker(['image', 'rm', ...images]);
    rmSync(folder, { recursive: true });
  }
  expect(await left(project)).toBe('0 0 0');
});

test('what .env sets holds: ports, a base path, names, and the view of the machine for node-1', async () => {
  const { project, httpsPort, settings } = await freePlace();
  const folder = freshClone();
  const { COMPOSE_DISABLE_ENV_FILE: _, ...ports } = settings;
  const wishes = {
    ...ports,
    COMPOSE_FILE: 'docker-compose.yml:deploy/compose.host.yml',
    sealcast_tag: tag,
    server_virtual_host: '/sealcast',
    init_admin: 'boss',
    node_2_name: 'attic',
  };
  const lines = Object.entries(wishes).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''));
  const compose = async (...args: string[]): Promise<string> =>
    await docker(['compose', '--project-name', project, ...args], {}, folder);
  const secret = async (file: string): Promise<string> =>
    await compose('exec', '-T', 'master', 'cat', `/var/lib/sealcast/keys/${file}`);
  try {
    await compose('up', '--build', '--wait');
    const client = new MasterClient(`https://localhost:${httpsPort}/sealcast/`, await secret('tls-ca.crt'));
    expect((await client.ask('')).body).toContain('<title>Sealcast');
    await client.signIn('boss', (await secret('admin.password')).trim());
    const nodes = await client.untilNodes(
      (all) => all.filter(({ facts, sample }) => facts !== null && sample !== null).length === 3,
      AbortSignal.timeout(30_000),
    );
    // node-1 goes by the machine's name, the others by what their containers are called.
    expect(nodes.map(({ name }) => name).toSorted()).toEqual(['attic', 'node-3', hostname()].toSorted());
  } finally {
    await compose('down', '--volumes', '--timeout', '5');
    rmSync(folder, { recursive: true });
  }
});
