import { readFileSync, statfsSync, writeFileSync, chownSync, mkdtempSync, rmSync, mkdirSync, chmodSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatInvite, parseInvite } from '@sealcast/channel/invite';
import { beforeAll, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { docker, root } from './docker.ts';
import { host_propagation } from './propagation.ts';
import { Stack, tag } from './stack.ts';

const run = promisify(execFile);
const containerUser = 36500;
let stack: Stack;
let client: MasterClient;

beforeAll(async () => {
  stack = await Stack.start();
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  client = await stack.client();
});

function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-host-'));
  // Containers look into it under another user.
  chmodSync(folder, 0o755);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What the page shows of the node that has joined with an invite of that label, once it has told all. */
async function nodeSince(known: ReadonlySet<string>) {
  const isNew = ({ id }: { id: string }) => !known.has(id);
  const nodes = await client.untilNodes(
    (all) => all.some((node) => isNew(node) && node.facts !== null && node.sample !== null),
    AbortSignal.timeout(60_000),
  );
  const node = nodes.find(isNew);
  const { facts = null, sample = null } = node ?? {};
  if (facts === null || sample === null) throw new Error('it has told nothing');
  return { facts, sample };
}

function expectThisMachine({ facts, sample }: Awaited<ReturnType<typeof nodeSince>>): void {
  const { blocks, bsize } = statfsSync('/');
  expect(facts.name).toBe(readFileSync('/etc/hostname', 'utf8').trim());
  expect(facts.kernel).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
  expect(facts.cpu.threads).toBe(cpus().length);
  const memory = Number(/^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
  expect([facts.memory, sample.memory.total]).toEqual([memory, memory]);
  expect(sample.disks.find(({ mount }) => mount === '/')?.total).toBe(blocks * bsize);
}

async function idsOfNow(): Promise<ReadonlySet<string>> {
  return new Set((await client.nodes()).map(({ id }) => id));
}

test('with deploy/pi/compose.yml a node by itself shows the machine, its disk too, in 64 MB', async () => {
  using place = scratch();
  const node_invite = join(place.folder, 'invite');
  const { invite } = await client.makeInvite({ label: 'pi', host: '127.0.0.1' });
  writeFileSync(node_invite, `${invite}\n`, { mode: 0o600 });
  chownSync(node_invite, containerUser, containerUser);
  const known = await idsOfNow();
  const project = ['compose', '-p', `sealcast-pi-${randomBytes(4).toString('hex')}`, '-f', 'deploy/pi/compose.yml'];
  const settings = { COMPOSE_DISABLE_ENV_FILE: '1', sealcast_tag: tag, host_propagation, node_invite };
  try {
    await docker([...project, 'up', '--detach', '--wait'], settings);
    expectThisMachine(await nodeSince(known));
    const container = (await docker([...project, 'ps', '--quiet', 'node'], settings)).trim();
    const limits =
      '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}';
    expect((await docker(['inspect', '--format', limits, container])).trim()).toBe('67108864 67108864 true [ALL]');
  } finally {
    await docker([...project, 'down', '--volumes', '--timeout', '5'], settings);
  }
});

test('the line installs a container that shows the machine, and removes it again with its image and files', async () => {
  using place = scratch();
  const install = join(place.folder, 'install');
  await docker(['cp', `${stack.container('master')}:/app/install/.`, install]);
  const { invite, install: hash } = await client.makeInvite({ label: 'container', host: '127.0.0.1' });
  // The same program, but for where it puts things: this machine may have a node of its own.
  const name = `sealcast-test-node-${randomBytes(4).toString('hex')}`;
  const places = { program: 'opt', settings: 'etc', state: 'var', unit: 'unit' };
  for (const path of ['opt', 'etc', 'var']) mkdirSync(join(place.folder, path));
  const moved = Object.entries(places).reduce(
    (text, [variable, path]) =>
      text.replace(new RegExp(`^${variable}=.*$`, 'm'), `${variable}=${place.folder}/${path}/node`),
    readFileSync(join(install, `${hash}.sh`), 'utf8').replace(/^container=.*$/m, `container=${name}`),
  );
  const program = join(place.folder, 'program');
  writeFileSync(program, moved);
  const pinned = { ...parseInvite(invite), install: createHash('sha256').update(moved).digest() };
  const known = await idsOfNow();
  const installing = run('sh', [program, install, '--container'], { cwd: root });
  installing.child.stdin?.end(`${formatInvite(pinned)}\n`);
  const { stdout } = await installing;
  try {
    expect(stdout).toContain('this machine has joined, and its node runs as a container');
    expectThisMachine(await nodeSince(known));
    const seen = await docker(['inspect', '--format', '{{json .HostConfig}} {{json .Config.Env}}', name]);
    expect(seen).toMatch(/"ReadonlyRootfs":true/);
    expect(seen).toMatch(/"Memory":67108864/);
    expect(seen).toMatch(/"CapDrop":\["ALL"\]/);
    expect(seen).not.toContain('sealcast1:');
    const log = documented('docs/install-node.md', 'docker logs sealcast-node').replace('sealcast-node', name);
    expect(await typed(log, { cwd: root })).toContain('joined');
    const mounts = await docker(['inspect', '--format', '{{range .Mounts}}{{.RW}} {{.Destination}}\n{{end}}', name]);
    expect(mounts.split('\n').filter((mount) => mount.startsWith('true'))).toEqual(['true /var/lib/sealcast/state']);
  } finally {
    const removed = await run('sh', [`${place.folder}/opt/node/setup`, 'remove']);
    expect(removed.stdout).toContain('the node is gone from this machine');
  }
  expect(await docker(['ps', '--all', '--quiet', '--filter', `name=${name}`])).toBe('');
  expect(await docker(['image', 'ls', '--quiet', name])).toBe('');
  const { stdout: left } = await run('find', [
    join(place.folder, 'opt'),
    join(place.folder, 'etc'),
    join(place.folder, 'var'),
    '-mindepth',
    '1',
  ]);
  expect(left).toBe('');
});
