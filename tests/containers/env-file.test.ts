import { rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { docker } from './docker.ts';
import { freshClone } from './fresh-clone.ts';
import { host_propagation } from './host-propagation.ts';
import { freePlace, tag } from './stack.ts';

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
    host_propagation,
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
