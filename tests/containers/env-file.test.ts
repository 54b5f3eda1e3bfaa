import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { docker } from './docker.ts';
import { freshClone } from './fresh-clone.ts';
import { host_propagation } from './host-propagation.ts';
import { freePlace, tag } from './stack.ts';

test('what .env sets holds: ports, a base path, names, and the view of the machine for node-1; and what it sets later', async () => {
  const { project, httpsPort, settings } = await freePlace();
  const folder = freshClone();
  const { COMPOSE_DISABLE_ENV_FILE: _, ...ports } = settings;
  const wishes = {
    ...ports,
    COMPOSE_FILE: 'docker-compose.yml:deploy/compose.host.yml',
    host_propagation,
    sealcast_tag: tag,
    server_virtual_host: '/sealcast',
    init_admin: 'boss',
    node_2_name: 'attic',
  };
  const write = (all: Record<string, string>): void => {
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, '.env'), lines.join(''));
  };
  write(wishes);
  const here = { cwd: folder, settings: { COMPOSE_PROJECT_NAME: project } };
  try {
    // The images that scripts/docker-host has left are what it starts from.
    await typed(documented('docs/offline.md', 'docker compose up --build --wait'), here);
    await typed(documented('docs/expose.md', 'docker compose cp master:/var/lib/sealcast/keys/tls-ca.crt .'), here);
    const authority = readFileSync(join(folder, 'tls-ca.crt'), 'utf8');
    const client = new MasterClient(`https://localhost:${httpsPort}/sealcast/`, authority);
    expect((await client.ask('')).body).toContain('<title>Sealcast');
    const password = await docker(['exec', `${project}-master-1`, 'cat', '/var/lib/sealcast/keys/admin.password']);
    await client.signIn('boss', password.trim());
    const nodes = await client.untilNodes(
      (all) => all.filter(({ facts, sample }) => facts !== null && sample !== null).length === 3,
      AbortSignal.timeout(30_000),
    );
    // node-1 goes by the machine's name, the others by what their containers are called.
    expect(nodes.map(({ name }) => name).toSorted()).toEqual(['attic', 'node-3', hostname()].toSorted());
    expect((await client.ask('')).headers['strict-transport-security']).toBeUndefined();
    write({ ...wishes, server_hsts_days: '365' });
    await typed(documented('docs/expose.md', 'docker compose up --wait'), here);
    expect((await client.ask('')).headers['strict-transport-security']).toBe('max-age=31536000');
  } finally {
    await typed('docker compose down --volumes --timeout 5', here);
    rmSync(folder, { recursive: true });
  }
});
