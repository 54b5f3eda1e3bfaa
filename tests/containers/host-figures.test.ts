import { readFileSync, statfsSync, writeFileSync, chownSync, mkdtempSync, rmSync, mkdirSync, chmodSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatInvite, parseInvite } from '@sealcast/channel/invite';
import { beforeAll, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { procFiles } from '../../scripts/proc-files.ts';
import { buildImage, docker, root } from './docker.ts';
import { host_propagation } from './host-propagation.ts';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { Stack, tag } from './stack.ts';

const run = promisify(execFile);
const containerUser = 36500;
const hostName = readFileSync('/etc/hostname', 'utf8').trim();
let stack: Stack;
let client: MasterClient;

beforeAll(async () => {
  stack = await Stack.start({ host_propagation }, ['deploy/compose.host.yml']);
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

function networkDevices(): string[] {
  return [...readFileSync('/proc/1/net/dev', 'utf8').matchAll(/^ *([^ :]+):/gm)].map(([, name = '']) => name);
}

function expectThisMachine({ facts, sample }: Awaited<ReturnType<typeof nodeSince>>): void {
  const { blocks, bfree, bavail, bsize } = statfsSync('/');
  expect(facts.name).toBe(hostName);
  expect(facts.kernel).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
  expect(facts.cpu.threads).toBe(cpus().length);
  const memory = Number(/^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
  expect([facts.memory, sample.memory.total]).toEqual([memory, memory]);
  // Less what is kept for root, as df has it; others write meanwhile.
  const top = sample.disks.find(({ mount }) => mount === '/');
  expect(Math.abs((top?.total ?? 0) - (blocks - bfree + bavail) * bsize)).toBeLessThan(2 ** 30);
  const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  expect(facts.boot).toBe(Number(boot) * 1000);
  // It may have none that is real; those of a container are not the machine's.
  const names = networkDevices();
  expect(sample.interfaces.filter(({ name }) => !names.includes(name))).toEqual([]);
  expect(sample.interfaces).not.toEqual([]);
}

async function idsOfNow(): Promise<ReadonlySet<string>> {
  return new Set((await client.nodes()).map(({ id }) => id));
}

/** Of another container that runs as the node's user, in a folder that is this user's alone. */
async function secretKeeper(secret: string) {
  const script = 'umask 077; echo "$0" >/secret/key; exec sleep infinity';
  const place = ['--tmpfs', '/secret:mode=0700,uid=36500', '--user', `${containerUser}:${containerUser}`];
  const start = ['run', '--detach', '--init', '--network', 'none', '--cap-drop', 'ALL', ...place];
  const container = (await docker([...start, buildImage, 'sh', '-c', script, secret])).trim();
  await docker(['exec', container, 'sh', '-c', 'until [ -s /secret/key ]; do :; done']);
  return { [Symbol.asyncDispose]: async () => void (await docker(['rm', '--force', container])) };
}

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);

/** What a program of the node's user can do with what `mounts` show it below /host. */
async function below(...mounts: string[]): Promise<{ processes: string[]; keys: string; proc: string[] }> {
  const user = ['--user', `${containerUser}:${containerUser}`, '--cap-drop', 'ALL', '--read-only', '--network', 'none'];
  const names = ['root', 'cwd', 'exe', 'fd', 'environ', 'maps', 'mem', 'task', 'ns', 'map_files'];
  const script = `exec 2>/dev/null
    find /host -maxdepth 4 -fstype proc \\( ${names.map((name) => `-name ${name}`).join(' -o ')} \\)
    echo --; for folder in /host/proc/*/root /host/proc/*/cwd /host/proc/*/task/*/root; do cat "$folder/secret/key"; done
    echo --; find /host/proc -path '/host/proc/[0-9]*/*' -prune -print -o -type f -print
    true`;
  const out = await docker(['run', '--rm', ...user, ...mounts, buildImage, 'sh', '-c', script]);
  const [processes = '', keys = '', proc = ''] = out.split('--\n');
  return { processes: linesOf(processes), keys, proc: linesOf(proc) };
}

/** Of the node in that container. */
async function expectNoProcess(container: string): Promise<void> {
  const secret = randomBytes(8).toString('hex');
  await using _ = await secretKeeper(secret);
  // So it is with the whole of /proc.
  const open = await below('--volume', '/proc:/host/proc:ro');
  expect(open.keys).toContain(secret);
  expect(open.processes).toContain('/host/proc/1/environ');
  const shown = await below('--volumes-from', `${container}:ro`);
  expect([shown.processes, shown.keys]).toEqual([[], '']);
  expect(shown.proc.toSorted()).toEqual(procFiles.map((path) => `/host/proc/${path}`).toSorted());
}

test('with deploy/compose.host.yml node-1 shows the machine, and leads to no process of it', async () => {
  const nodes = await client.untilNodes(
    (all) => all.some(({ facts, sample }) => facts?.name === hostName && sample !== null),
    AbortSignal.timeout(60_000),
  );
  const { facts = null, sample = null } = nodes.find((node) => node.facts?.name === hostName) ?? {};
  if (facts === null || sample === null) throw new Error('it has told nothing');
  expect(facts.name).toBe(hostName);
  expectThisMachine({ facts, sample });
  await expectNoProcess(stack.container('node-1'));
});

test.skipIf(host_propagation === 'rslave')(
  'a machine that keeps its mounts to itself is told by the engine what the documents say, with what to set',
  async () => {
    const mount = 'type=bind,src=/srv,dst=/srv,bind-propagation=rslave';
    const started = docker(['run', '--rm', '--network', 'none', '--mount', mount, buildImage, 'true']);
    await expect(started).rejects.toThrow('is not a shared or slave mount');
    for (const file of ['README.md', 'deploy/compose.host.yml', 'deploy/pi/compose.yml', '.env.example']) {
      const text = readFileSync(join(root, file), 'utf8');
      expect([file, text]).toEqual([file, expect.stringContaining('is not a shared or slave mount')]);
      expect([file, text]).toEqual([file, expect.stringMatching(/host_propagation=rprivate|: rprivate on a machine/)]);
    }
  },
);

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
    await expectNoProcess(container);
  } finally {
    await docker([...project, 'down', '--volumes', '--timeout', '5'], settings);
  }
});

/** The program that the master serves, but for where it puts things: this machine may have a node of its own. */
async function movedProgram(folder: string) {
  const install = join(folder, 'install');
  await docker(['cp', `${stack.container('master')}:/app/install/.`, install]);
  const { invite, install: hash } = await client.makeInvite({ label: 'container', host: '127.0.0.1' });
  const name = `sealcast-test-node-${randomBytes(4).toString('hex')}`;
  const places = { program: 'opt', settings: 'etc', state: 'var', unit: 'unit' };
  for (const path of ['opt', 'etc', 'var']) mkdirSync(join(folder, path));
  const text = Object.entries(places).reduce(
    (moved, [variable, path]) =>
      moved.replace(new RegExp(`^${variable}=.*$`, 'm'), `${variable}=${folder}/${path}/node`),
    readFileSync(join(install, `${hash}.sh`), 'utf8').replace(/^container=.*$/m, `container=${name}`),
  );
  const program = join(folder, 'program');
  writeFileSync(program, text);
  const pinned = { ...parseInvite(invite), install: createHash('sha256').update(text).digest() };
  const end = async (args: string[], input: string, env: Record<string, string> = {}) => {
    const running = run('sh', [program, ...args], { cwd: root, env: { ...process.env, ...env } });
    running.child.stdin?.end(input);
    return await running.then(
      ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        text: error.stdout + error.stderr,
      }),
    );
  };
  const paste = async (over: Partial<typeof pinned> = {}) =>
    await end([install, '--container'], `${formatInvite({ ...pinned, ...over })}\n`);
  const remove = async (env: Record<string, string> = {}) => await end(['remove'], '', env);
  /** Every file that it has put somewhere, with its owner and what is in it; but for what the node itself writes. */
  const files = async (): Promise<string> => {
    const script = `cd "$0" && find opt etc var -mindepth 1 ! -path 'var/node/spool/*' -printf '%p %m %U\\n' | sort && cat var/node/master.json opt/node/* etc/node/* | sha256sum`;
    return (await run('bash', ['-c', script, folder])).stdout;
  };
  const state = async (): Promise<string> =>
    (await docker(['inspect', '--format', '{{.Id}} {{.State.Running}}', name])).trim();
  return { name, paste, remove, files, state, left: async () => await leftIn(folder) };
}

async function leftIn(folder: string): Promise<string> {
  const places = ['opt', 'etc', 'var'].map((path) => join(folder, path));
  return (await run('find', [...places, '-mindepth', '1'])).stdout;
}

test('the line installs a container that shows the machine; what fails after it changes nothing; it goes with its image and files', async () => {
  using place = scratch();
  const machine = await movedProgram(place.folder);
  const { name } = machine;

  // Somebody else's container of that name.
  await docker(['create', '--name', name, buildImage, 'true']);
  const taken = await machine.paste();
  expect([taken.code, taken.text]).toEqual([1, expect.stringContaining('that this program did not make')]);
  await docker(['inspect', name]);
  expect(await machine.left()).toBe('');
  await docker(['rm', name]);

  const known = await idsOfNow();
  const installed = await machine.paste();
  try {
    expect(installed.text).toContain('this machine has joined, and its node runs as a container');
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
    await expectNoProcess(name);

    const [files, state] = [await machine.files(), await machine.state()];
    expect(state).toMatch(/ true$/);

    const another = await machine.paste({ signing: randomBytes(32) });
    expect([another.code, another.text]).toEqual([1, expect.stringContaining('node belongs to another master')]);
    expect([await machine.files(), await machine.state()]).toEqual([files, state]);

    // The engine does not take such a line, after all else is done.
    const settings = join(place.folder, 'etc/node/settings');
    const before = readFileSync(settings);
    writeFileSync(settings, '=no name\n');
    const failed = await machine.paste();
    writeFileSync(settings, before);
    expect([failed.code, failed.text]).toEqual([1, expect.stringContaining('the node that was there before goes on')]);
    expect([await machine.files(), await machine.state()]).toEqual([files, state]);
    expect((await docker(['ps', '--all', '--quiet', '--filter', `label=sealcast.install=${name}`])).trim()).toBe(
      state.slice(0, 12),
    );

    // It starts, and finds no master.
    writeFileSync(settings, 'mq_join_sub_port=1\n');
    const unjoined = await machine.paste();
    writeFileSync(settings, before);
    expect([unjoined.code, unjoined.text]).toEqual([1, expect.stringContaining("has not joined: the master can't be")]);
    expect(unjoined.text).toContain('the node that was there before goes on');
    expect([await machine.files(), await machine.state()]).toEqual([files, state]);

    // Where its files are is not for its settings to say.
    writeFileSync(settings, 'state_dir=/nowhere/state\nlive_file=/nowhere/live\npolicy_file=/nowhere/policy\n');
    const again = await machine.paste();
    writeFileSync(settings, before);
    expect([again.code, again.text]).toEqual([0, expect.stringContaining('this machine has joined')]);
    expect(await machine.files()).toBe(files);
    expect(await machine.state()).not.toBe(state);

    const unanswered = await machine.remove({ DOCKER_HOST: `unix://${place.folder}/nobody` });
    expect([unanswered.code, unanswered.text]).toEqual([1, expect.stringContaining('no Docker engine answers')]);
    expect(await machine.files()).toBe(files);
  } finally {
    const removed = await machine.remove();
    expect(removed.text).toContain('the node is gone from this machine');
  }
  expect(await docker(['ps', '--all', '--quiet', '--filter', `label=sealcast.install=${name}`])).toBe('');
  expect(await docker(['image', 'ls', '--quiet', name])).toBe('');
  expect(await machine.left()).toBe('');
});
