// A newcomer with a fresh clone and the README: what it says is typed, in its order, and what should come of it is looked at.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MasterClient } from '@sealcast/cli/api/master-client';
import type { NodeView } from '@sealcast/master/fleet/views';
import { documented } from '../documents/commands.ts';
import { docker, logLine } from './docker.ts';
import { freshClone } from './fresh-clone.ts';
import { Passages } from './passages.ts';
import { freePlace, leftOf, type Place } from './stack.ts';

const run = promisify(execFile);
const soon = (): AbortSignal => AbortSignal.timeout(60_000);
const parts = ['init', 'master', 'node'];

let place: Place;
/** Where the project is had from, and the clone. */
let origin: string;
let folder: string;
let authority: string;

beforeAll(async () => {
  place = await freePlace();
  origin = freshClone();
  await commit('all of it');
  folder = mkdtempSync(join(tmpdir(), 'sealcast-clone-'));
  await run('git', ['clone', '--quiet', origin, folder]);
});
afterAll(async () => {
  await typed('docker compose down --volumes --timeout 1');
  await docker(['image', 'rm', ...parts.map((part) => `sealcast-${part}:${place.project}`)]);
  for (const one of [origin, folder]) rmSync(one, { recursive: true });
});

async function commit(message: string): Promise<void> {
  const who = '-c user.name=somebody -c user.email=somebody@example.org -c commit.gpgsign=false';
  await run('sh', ['-ec', `git init --quiet && git add --all && git ${who} commit --quiet -m '${message}'`], {
    cwd: origin,
  });
}

/** Runs a line as somebody does who stands in the clone; resolves with what it printed. */
async function typed(line: string, settings: Record<string, string> = {}): Promise<string> {
  const { project } = place;
  const env = { ...process.env, ...place.settings, COMPOSE_PROJECT_NAME: project, sealcast_tag: project, ...settings };
  // Compose calls a volume by its project's name, which is sealcast where nobody says otherwise.
  const own = line.replaceAll(' sealcast_', ` ${project}_`);
  return (await run('sh', ['-ec', own], { cwd: folder, env, maxBuffer: 2 ** 26 })).stdout;
}

async function signedIn(password: string): Promise<MasterClient> {
  const client = new MasterClient(`https://localhost:${place.httpsPort}/`, authority);
  await client.signIn('admin', password.trim());
  return client;
}

/** Starts the master again; resolves with the nodes that have joined anew, as soon as there are three. */
async function aliveAfterRestart(): Promise<NodeView[]> {
  await typed(documented('README.md', 'docker compose restart master'));
  await typed('docker compose up --wait');
  const client = await signedIn(await typed(password));
  return await client.untilNodes((all) => all.filter(({ state }) => state === 'alive').length === 3, soon());
}

/** What nginx answers to whoever takes `accept`. */
async function asked(accept: string): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  const url = `https://localhost:${place.httpsPort}/`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { ca: authority, headers: { accept }, agent: false }, resolve).once('error', reject).end();
  });
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) };
}

const password = documented('README.md', 'docker compose exec master cat /var/lib/sealcast/keys/admin.password');

test('two commands on a fresh clone, and three nodes are alive on the page', async () => {
  await typed(documented('README.md', 'docker compose up --build --wait'));
  await typed(documented('README.md', 'docker compose cp master:/var/lib/sealcast/keys/tls-ca.crt .'));
  authority = await readFile(join(folder, 'tls-ca.crt'), 'utf8');
  const client = await signedIn(await typed(password));
  const nodes = await client.untilNodes(
    (all) => all.filter(({ state, sample }) => state === 'alive' && sample !== null).length === 3,
    soon(),
  );
  expect(nodes.map(({ name }) => name).toSorted()).toEqual(['node-1', 'node-2', 'node-3']);
  expect(await typed(documented('README.md', 'docker compose logs'))).toContain('node-1');
});

test('the certificate is made anew for other names, under the same authority', async () => {
  await typed(
    documented(
      'README.md',
      'docker compose run --rm --entrypoint rm init /var/lib/sealcast/tls/tls.crt /var/lib/sealcast/tls/tls.key',
    ),
  );
  await typed(documented('README.md', 'docker compose up --wait --force-recreate'), { tls_names: 'sealcast.lan' });
  const pem = await typed('docker compose exec -T nginx cat /var/lib/sealcast/tls/tls.crt');
  const certificate = new X509Certificate(pem);
  expect(certificate.checkHost('sealcast.lan')).toBe('sealcast.lan');
  expect(certificate.verify(new X509Certificate(authority).publicKey)).toBe(true);
});

test('a lost password is made anew, and the older one is of no use', async () => {
  const before = await typed(password);
  await typed(
    documented(
      'README.md',
      'docker compose run --rm --entrypoint rm init /var/lib/sealcast/keys/admin.json /var/lib/sealcast/keys/admin.password',
    ),
  );
  await typed(documented('README.md', 'docker compose up --wait --force-recreate'));
  const after = await typed(password);
  expect(after).not.toBe(before);
  await signedIn(after);
  await expect(signedIn(before)).rejects.toThrow('The name or the password is wrong.');
});

test('the key of joins is changed, and the one before deleted when nobody needs it', async () => {
  const keys = async () => (await typed('docker compose exec -T master ls /var/lib/sealcast/keys')).split('\n');
  await typed(documented('README.md', 'docker compose run --rm init rotate'));
  expect(await keys()).toContain('transport-old-1.pem');
  expect(await aliveAfterRestart()).toHaveLength(3);
  await typed(
    documented('README.md', 'docker compose run --rm --entrypoint rm init /var/lib/sealcast/keys/transport-old-1.pem'),
  );
  expect(await keys()).not.toContain('transport-old-1.pem');
  expect(await aliveAfterRestart()).toHaveLength(3);
});

test('a new version comes with `git pull`, and the nodes are those that they were', async () => {
  const client = await signedIn(await typed(password));
  const ids = (await client.nodes()).map(({ id }) => id).toSorted();
  const page = join(origin, 'services/dashboard/index.html');
  writeFileSync(page, readFileSync(page, 'utf8').replace('<title>Sealcast', '<title>Sealcast, upgraded'));
  await commit('another title');
  await typed(documented('docs/upgrade.md', 'git pull'));
  await typed(documented('docs/upgrade.md', 'docker compose up --build --wait'));
  expect((await client.ask('')).body).toContain('<title>Sealcast, upgraded');
  const upgraded = await signedIn(await typed(password));
  const nodes = await upgraded.untilNodes((all) => all.every(({ state }) => state === 'alive'), soon());
  expect(nodes.map(({ id }) => id).toSorted()).toEqual(ids);
});

test('a relay on another machine is started and told to the master, and a node of its site joins through it', async () => {
  using passages = new Passages();
  const { project, settings } = place;
  const relay = `${project}-relay`;
  const named = (line: string) => line.replaceAll('sealcast-relay', relay);
  // Of this machine at the engine's own network, which it has before a container is there, too.
  const gateway = await docker(['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'bridge']);
  const address = gateway.trim();
  settings['mq_public_host'] = address;
  const ports = ['mq_sub_port', 'mq_pub_port', 'mq_join_sub_port', 'mq_join_pub_port'].map((name) => settings[name]!);
  await passages.open(address, ports);
  await typed('docker compose up --wait');
  const client = await signedIn(await typed(password));
  const { line: upstream } = JSON.parse((await client.ask('api/relays')).body) as { line: string };
  await typed(named(documented('README.md', 'docker build -f Dockerfile.node --target relay -t sealcast-relay .')));
  try {
    const start = documented(
      'README.md',
      "docker run -d --name sealcast-relay --restart unless-stopped --init --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges -v sealcast-relay:/var/lib/sealcast/relay -p 36500-36503:36500-36503 -e mq_upstream='sealcast-hop1:…' -e mq_public_host=relay.lan sealcast-relay",
    );
    // Any ports of this machine: its site has the relay under an address of its own.
    const anyPorts = start.replace('-p 36500-36503:', '-p 127.0.0.1::').replace('sealcast-hop1:…', upstream);
    await typed(named(anyPorts));
    await logLine(relay, /the master does not know this relay/);
    const cat = documented('README.md', 'docker cp sealcast-relay:/var/lib/sealcast/relay/hop-line - | tar -xO');
    const line = (await typed(named(cat))).trim();
    const told = await client.ask('api/relays', { method: 'POST', json: { name: 'barn', line } });
    const { id } = JSON.parse(told.body) as { id: string };
    const invited = await client.ask('api/invites', { method: 'POST', json: { label: 'far', relay: id } });
    const { invite } = JSON.parse(invited.body) as { invite: string };
    const relayAddress = await docker(['inspect', '--format', '{{.NetworkSettings.IPAddress}}', relay]);
    const site = ['--add-host', `relay.lan:${relayAddress.trim()}`, '--env', `mq_invite_code=${invite}`];
    const state = ['--tmpfs', '/var/lib/sealcast/state:uid=36500,gid=36500,mode=0700', '--env', 'node_name=far'];
    await docker(['run', '--detach', '--name', `${project}-far`, ...site, ...state, `sealcast-node:${project}`]);
    await client.untilNodes((all) => all.some(({ name, sample }) => name === 'far' && sample !== null), soon());
    const far = (await client.nodes()).find(({ name }) => name === 'far');
    expect((await client.ask(`api/nodes/${far?.id}`, { method: 'DELETE' })).status).toBe(204);
  } finally {
    await docker(['rm', '--force', '--volumes', relay, `${project}-far`]);
    await docker(['volume', 'rm', '--force', relay]);
    await docker(['image', 'rm', relay]);
  }
});

test('a removed node of the three is taken away, and the others start without it', async () => {
  const client = await signedIn(await typed(password));
  const gone = (await client.nodes()).find(({ name }) => name === 'node-3');
  expect((await client.ask(`api/nodes/${gone?.id}`, { method: 'DELETE' })).status).toBe(204);
  place.settings['demo_node_3'] = '0';
  await typed(documented('README.md', 'docker compose up --wait && docker volume rm sealcast_node-3'));
  // What comes later needs nothing said again.
  await typed('docker compose up --wait --force-recreate');
  expect((await client.nodes()).map(({ name }) => name).toSorted()).toEqual(['node-1', 'node-2']);
});

test('without the three nodes, the master and nginx run by themselves', async () => {
  await typed('docker compose up --wait --remove-orphans', { demo_nodes: '0' });
  expect((await typed('docker compose ps --services')).trim().split('\n').toSorted()).toEqual(['master', 'nginx']);
});

test('while the master is away a browser is told so by a page that looks again, and a program by its error', async () => {
  await typed('docker compose stop master');
  const page = await asked('text/html,*/*;q=0.8');
  expect([page.status, page.type]).toEqual([503, 'text/html; charset=utf-8']);
  expect(page.body).toContain('http-equiv="refresh"');
  const error = await asked('application/json');
  expect([error.status, error.type]).toEqual([503, 'application/json']);
  expect(JSON.parse(error.body)).toEqual({ error: expect.stringContaining('The master does not answer.') });
});

test('`down -v` leaves no container, volume or network', async () => {
  await typed(documented('README.md', 'docker compose down -v'));
  expect(await leftOf(place)).toEqual(['', '', '']);
});
