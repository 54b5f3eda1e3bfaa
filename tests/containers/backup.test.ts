// The command line in the master's container, and a backup that is put back in another place.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { History, type NodeView } from '@sealcast/master/fleet/views';
import { beforeAll, expect, test } from 'vitest';
import { documented } from '../documents/commands.ts';
import { sealcast } from '../stack/command-line.ts';
import { docker, filesIn, root } from './docker.ts';
import { compose, freePlace, type Place, services, Stack } from './stack.ts';

const run = promisify(execFile);
const passphrase = 'correct horse battery staple';
const reporting = (nodes: NodeView[]) =>
  nodes.filter(({ state, sample }) => state === 'alive' && (sample?.number ?? 0) > 1).length === 3;

let stack: Stack;
let folder: string;
let before: NodeView[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-backup-'));
  // The user of the containers reads the backup there.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'passphrase'), `${passphrase}\n`, { mode: 0o600 });
  stack = await Stack.start();
  const client = await stack.client();
  before = await client.untilNodes(reporting, AbortSignal.timeout(60_000));
  return async () => {
    await stack[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  };
});

/** Where somebody stands who has the clone, and the backup in `folder`. */
function typedIn({ project, settings }: Place) {
  const env = {
    ...process.env,
    ...settings,
    COMPOSE_FILE: join(root, 'docker-compose.yml'),
    COMPOSE_PROJECT_NAME: project,
  };
  return { cwd: folder, env };
}

/** What is shown at a terminal, at which the passphrase is typed at each of `questions`, in their order. */
async function atTerminal(line: string, questions: string[]): Promise<string> {
  const { cwd, env } = typedIn(stack.place);
  const child = spawn('script', ['-qec', `stty cols 100 rows 60; ${line}`, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'xterm-256color' },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += String(text);
    const [next] = questions;
    if (next === undefined || !shown.includes(next)) return;
    questions.shift();
    child.stdin.write(`${passphrase}\r`);
  });
  await once(child, 'close');
  return shown;
}

function asKnown(all: NodeView[]) {
  return all.map(({ id, name, joinedAt }) => ({ id, name, joinedAt })).toSorted((a, b) => a.name.localeCompare(b.name));
}

test('the command line in the container needs nobody to sign in, and leaves no session behind', async () => {
  const status = JSON.parse(await compose(stack.place, 'exec', '-T', 'master', 'sealcast', 'status', '--json'));
  expect(status).toMatchObject({ nodes: 3, alive: 3, transport: { up: true } });
  const told = await compose(stack.place, 'exec', '-T', 'master', 'sealcast', 'broadcast', 'text', 'from inside');
  expect(
    told
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/).slice(0, 2).join(' '))
      .toSorted(),
  ).toEqual(['node-1 done', 'node-2 done', 'node-3 done']);
  const sql =
    "console.log(new (require('node:sqlite').DatabaseSync)(process.argv[1]).prepare('SELECT count(*) AS count FROM web_sessions').get().count)";
  const counted = await compose(
    stack.place,
    'exec',
    '-T',
    'master',
    'node',
    '-e',
    sql,
    '/var/lib/sealcast/data/sealcast.db',
  );
  // That of the test's own client.
  expect(counted.trim()).toBe('1');
});

test('what README.md and docs/command-line.md have typed in the container shows the fleet, and why nothing was run', async () => {
  const said = async (line: string) => (await run('sh', ['-ec', line], typedIn(stack.place))).stdout;
  const status = documented('README.md', 'docker compose exec master sealcast status');
  expect(documented('docs/command-line.md', 'docker compose exec master sealcast status')).toBe(status);
  expect(await said(status)).toMatch(/3/);
  expect(await said(documented('docs/command-line.md', 'docker compose exec master sealcast --help'))).toContain(
    'broadcast',
  );
  const order = documented(
    'docs/command-line.md',
    'docker compose exec -T master sealcast broadcast run --to node-1 -- /usr/bin/uptime || echo "ended with $?"',
  );
  // Its node lets itself be watched, and no more.
  expect(await said(order)).toMatch(/node-1 +refused[^]*ended with 1\n$/);
  await said(documented('docs/command-line.md', 'docker compose cp master:/var/lib/sealcast/keys/tls-ca.crt .'));
  expect(readFileSync(join(folder, 'tls-ca.crt'), 'utf8')).toBe(stack.authority);
});

test('from the host, somebody signs in through nginx, under the authority that init made', async () => {
  const [authority, password] = [join(folder, 'tls-ca.crt'), join(folder, 'password')];
  writeFileSync(authority, stack.authority);
  writeFileSync(password, await stack.password(), { mode: 0o600 });
  const env = { HOME: folder };
  const plain = stack.url.replace('https', 'http');
  expect(await sealcast(env, ['sign-in', plain])).toMatchObject({
    code: 2,
    err: expect.stringContaining('wants https://; write https://'),
  });
  const args = ['sign-in', stack.url, '--ca', authority, '--password-file', password];
  expect(await sealcast(env, args)).toMatchObject({ code: 0, err: `Signed in as admin at ${stack.url}\n` });
  expect((await sealcast(env, ['nodes'])).out.match(/^node-\d {2}alive /gm)).toHaveLength(3);
  expect(await sealcast(env, ['sign-out'])).toMatchObject({ code: 0 });
});

test('at a terminal the passphrase is asked for, and the backup comes out of the volume', async () => {
  const said = async (line: string) => (await run('sh', ['-ec', line], typedIn(stack.place))).stdout;
  const take = documented(
    'docs/backup.md',
    'docker compose exec master sealcast backup --out /var/lib/sealcast/data/fleet.backup',
  );
  expect(await atTerminal(take, ['Passphrase', 'Passphrase once more'])).toContain('Backed up 3 nodes');
  await said(documented('docs/backup.md', 'docker compose cp master:/var/lib/sealcast/data/fleet.backup .'));
  await said(documented('docs/backup.md', 'docker compose exec master rm /var/lib/sealcast/data/fleet.backup'));
  expect((await filesIn(`${stack.place.project}_data`)).map(({ path }) => path)).not.toContain('fleet.backup');
  const verify = documented(
    'docs/backup.md',
    'docker compose run --rm -T -v "$PWD:/backup:ro" sealcast backup verify /backup/fleet.backup --passphrase-file - < passphrase',
  );
  await expect(said(verify)).rejects.toThrow('permission denied to user 36500; it is sealed, so let others read it');
  await said('chmod a+r fleet.backup');
  expect(await said(verify)).toContain('can be put back');
  rmSync(join(folder, 'fleet.backup'));
});

test('a backup that was taken while the master ran is put back in another place, and the same nodes come by themselves', async () => {
  const take = documented(
    'docs/backup.md',
    'docker compose exec -T master sealcast backup --passphrase-file - < passphrase > fleet.backup',
  );
  expect(
    documented(
      'README.md',
      'docker compose exec -T master sealcast backup --passphrase-file - < passphrase > fleet.backup',
    ),
  ).toBe(take);
  expect((await run('sh', ['-ec', take], typedIn(stack.place))).stderr).toContain('Backed up 3 nodes');
  const takenAt = Date.now();
  const nodes = services.filter((name) => name.startsWith('node-')).map((name) => stack.container(name));
  const startedAt = async () =>
    await docker(['inspect', '--format', '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}', ...nodes]);
  const started = await startedAt();
  await compose(stack.place, 'stop', 'master', 'nginx');

  const free = await freePlace();
  const ports = Object.fromEntries(Object.entries(stack.place.settings).filter(([name]) => name.startsWith('mq_')));
  const place: Place = { ...free, settings: { ...free.settings, ...ports, demo_nodes: '0' } };
  try {
    const inPlace = async (line: string) => (await run('sh', ['-ec', line], typedIn(place))).stdout;
    const proved = await inPlace(
      documented(
        'docs/backup.md',
        'docker compose run --rm -T -v "$PWD:/backup:ro" sealcast backup verify /backup/fleet.backup --passphrase-file - < passphrase',
      ),
    );
    expect(proved).toMatch(/can be put back\.\n(.*\n)+.* 3 nodes, \d+ samples, 2 orders\n/);
    expect(await filesIn(`${place.project}_keys`)).toEqual([]);
    const settings = await inPlace(
      documented(
        'docs/backup.md',
        'docker compose run --rm -T -v "$PWD:/backup:ro" sealcast backup settings /backup/fleet.backup --passphrase-file - < passphrase',
      ),
    );
    expect(settings).toContain(`mq_join_sub_port=${place.settings['mq_join_sub_port']}\n`);
    const said = await inPlace(
      documented(
        'docs/backup.md',
        'docker compose run --rm -T -v "$PWD:/backup:ro" sealcast restore /backup/fleet.backup --passphrase-file - < passphrase',
      ),
    );
    expect(said).toContain('Put back 3 nodes, as of');
    const keys = await filesIn(`${place.project}_keys`);
    expect(keys.length).toBeGreaterThan(9);
    expect(keys.map(({ mode, owner }) => `${mode} ${owner}`)).toEqual(keys.map(() => '600 36500:36500'));
    await inPlace(documented('docs/backup.md', 'docker compose up --wait'));
    await docker([
      'network',
      'connect',
      '--alias',
      'master',
      `${stack.place.project}_field`,
      `${place.project}-master-1`,
    ]);

    // Browsers that trusted the authority trust the new certificate, and people have the password that they had.
    const client = new MasterClient(`https://localhost:${place.httpsPort}/`, stack.authority);
    await client.signIn(
      'admin',
      (await compose(place, 'exec', '-T', 'master', 'cat', '/var/lib/sealcast/keys/admin.password')).trim(),
    );
    const newest = Math.max(...before.map(({ sample }) => sample?.number ?? 0));
    const after = await client.untilNodes(
      (all) => reporting(all) && all.every(({ sample }) => (sample?.number ?? 0) > newest),
      AbortSignal.timeout(150_000),
    );
    expect(asKnown(after)).toEqual(asKnown(before));
    expect(await startedAt()).toBe(started);
    for (const { id } of after) {
      const history = await client.get(History, `api/nodes/${id}/history?minutes=60`);
      expect(history.at[0]).toBeLessThan(takenAt);
    }
    const command = await client.broadcast('from the other place', AbortSignal.timeout(20_000));
    expect(command.receipts.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
  } finally {
    await docker([
      'network',
      'disconnect',
      '--force',
      `${stack.place.project}_field`,
      `${place.project}-master-1`,
    ]).catch(() => undefined);
    await compose(place, '--profile', 'sealcast', 'down', '--volumes', '--timeout', '1');
  }
});
