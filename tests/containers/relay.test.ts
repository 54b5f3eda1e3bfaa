import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeView } from '@sealcast/master/fleet/views';
import { beforeAll, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { type Flow, listenTo } from './capture.ts';
import { beside, docker, filesIn, inVolume, logLine, root } from './docker.ts';
import { reach } from './reach.ts';
import { compose, leftOf, type Place, Stack } from './stack.ts';

const text = 'Good morning, everyone: what is said here is for members only.';
const ports = [36500, 36501, 36502, 36503];

let stack: Stack;
let client: MasterClient;
let place: Place;
let line: string;
let far: NodeView;
let outcomes: string[];
let carried: Flow[];
const folder = mkdtempSync(join(tmpdir(), 'sealcast-relay-'));

// The overlay's three steps, as its head tells them.
beforeAll(async () => {
  stack = await Stack.start({ mq_public_host: 'master' });
  return async () => {
    if (place !== undefined) await compose(place, '--profile', 'far', 'down', '--volumes', '--timeout', '1');
    await stack[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  };
});
beforeAll(async () => {
  client = await stack.client();
  const files = 'docker-compose.yml:deploy/compose.relay.yml';
  const { line: mq_upstream } = await relays();
  place = { ...stack.place, settings: { ...stack.place.settings, COMPOSE_FILE: files, mq_upstream } };
  await compose(place, 'up', '--build', '--detach', 'relay');
  await logLine(stack.container('relay'), /the master does not know this relay/);
  line = (await inVolume(stack.volume('relay'), 'cat /v/hop-line')).trim();
  const { id } = await post<{ id: string }>('api/relays', { name: 'barn', line });
  const { invite } = await post<{ invite: string }>('api/invites', { label: 'node-far', relay: id });
  const filter = ports.map((port) => `tcp port ${port}`).join(' or ');
  const stop = await listenTo(stack.container('relay'), filter);
  // Whoever is in the container reads it; on the machine nobody gets into its folder.
  writeFileSync(join(folder, 'far-invite'), invite, { mode: 0o644 });
  place.settings['far_invite'] = join(folder, 'far-invite');
  await compose(place, '--profile', 'far', 'up', '--wait', 'node-far');
  const nodes = await client.untilNodes(
    (all) => all.some(({ name, sample }) => name === 'node-far' && sample !== null),
    AbortSignal.timeout(60_000),
  );
  far = nodes.find(({ name }) => name === 'node-far')!;
  const command = await client.broadcast(text, AbortSignal.timeout(20_000));
  outcomes = command.receipts.map(({ name, outcome }) => `${name} ${outcome}`).toSorted();
  // In the clear, into the relay's first port: what the searches below would find.
  await beside(stack.container('node-far'), 'node', '-e', says('relay', 36500, 'the-end-of-it'));
  carried = await stop('the-end-of-it');
});

async function post<T>(path: string, json: unknown): Promise<T> {
  const { status, body } = await client.ask(path, { method: 'POST', json });
  expect([path, status]).toEqual([path, 201]);
  return JSON.parse(body) as T;
}

async function relays(): Promise<{ line: string; relays: { host: string; line: string }[] }> {
  return JSON.parse((await client.ask('api/relays')).body);
}

function says(host: string, port: number, what: string): string {
  return `require('node:net').connect(${port}, '${host}').end('${what}')`;
}

const holds = (wanted: string | Buffer): boolean => carried.some(({ bytes }) => bytes.includes(wanted));

test('a node beyond the relay reports, and confirms a broadcast like those before it', () => {
  expect(far.state).toBe('alive');
  expect(outcomes).toEqual(['node-1 done', 'node-2 done', 'node-3 done', 'node-far done']);
});

test('it cannot reach the master by itself, neither by name nor by address', async () => {
  const port = Number(stack.place.settings['mq_join_sub_port']);
  const format = `{{(index .NetworkSettings.Networks "${stack.place.project}_field").IPAddress}}`;
  const address = (await docker(['inspect', '--format', format, stack.container('master')])).trim();
  const master = [
    ['master', port],
    [address, port],
  ] as const;
  expect(await reach(stack.container('node-1'), master)).toEqual(['connected', 'connected']);
  const [relay, byName, byAddress] = await reach(stack.container('node-far'), [['relay', 36502], ...master]);
  expect(relay).toBe('connected');
  expect(byName).toMatch(/^(ENOTFOUND|EAI_AGAIN|timeout)$/);
  expect(byAddress).toMatch(/^(ENETUNREACH|EHOSTUNREACH|timeout)$/);
});

test('the relay has two CURVE pairs and its own line, and no key of a message', async () => {
  const volume = stack.volume('relay');
  const files = await filesIn(volume);
  expect(files.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
    ['hop-line', '600', '36500:36500'],
    ['relay.json', '600', '36500:36500'],
  ]);
  const pair = { publicKey: expect.stringMatching(/^.{40}$/), secretKey: expect.stringMatching(/^.{40}$/) };
  expect(JSON.parse(await inVolume(volume, 'cat /v/relay.json'))).toEqual({ down: pair, up: pair });
  expect((await relays()).relays).toMatchObject([{ host: 'relay', line }]);
});

test.each(['relay', 'node-far'])(
  '%s runs without root, capabilities or a way to write outside its volume',
  async (service) => {
    const container = stack.container(service);
    const status = await beside(container, 'cat', '/proc/1/status');
    const row = (name: string): string | undefined => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
    expect(row('Uid')).toBe('36500\t36500\t36500\t36500');
    expect(['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(row)).toEqual(
      Array.from({ length: 5 }, () => '0'.repeat(16)),
    );
    expect(row('NoNewPrivs')).toBe('1');
    const writable = await beside(container, 'awk', '$4 ~ /^rw/ {print $2}', '/proc/1/mounts');
    expect(
      writable
        .split('\n')
        .filter((path) => path.startsWith('/') && !/^\/(proc|dev|sys)(\/|$)/.test(path))
        .toSorted(),
    ).toEqual(['/tmp', `/var/lib/sealcast/${service === 'relay' ? 'relay' : 'state'}`]);
    const limits = await docker(['inspect', '--format', '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}', container]);
    expect(limits).toMatch(/^[1-9]\d+ [1-9]\d+\n$/);
  },
);

test('what goes in and out of the relay holds neither text, nor names, nor ids', () => {
  expect(holds('the-end-of-it')).toBe(true);
  const greeting = Buffer.concat([Buffer.from('ff00000000000000017f0301', 'hex'), Buffer.from('CURVE')]);
  // Four ports of the node, both ways.
  expect(carried.filter(({ bytes }) => bytes.indexOf(greeting) === 0).length).toBeGreaterThanOrEqual(8);
  for (const secret of [text, 'node-far', far.id, Buffer.from(far.id, 'hex')])
    expect([String(secret), holds(secret)]).toEqual([String(secret), false]);
});

test('`--profile far down -v` takes it away with everything else', async () => {
  const files = { ...stack.shell.settings, COMPOSE_FILE: place.settings['COMPOSE_FILE'] ?? '' };
  await typed(documented('README.md', 'docker compose --profile far down -v'), { cwd: root, settings: files });
  expect(await leftOf(place)).toEqual(['', '', '']);
});
