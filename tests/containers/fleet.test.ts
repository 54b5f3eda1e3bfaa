import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeView } from '@sealcast/master/fleet/views';
import { beforeAll, expect, test } from 'vitest';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { documented } from '../documents/commands.ts';
import { Typed, typed } from '../documents/typed.ts';
import { beside, docker, filesIn, inVolume, logLine, logsOf, root } from './docker.ts';
import { farHostImage } from './far-host.ts';
import { services, Stack } from './stack.ts';

const nodeNames = ['node-1', 'node-2', 'node-3'];
let stack: Stack;
let client: MasterClient;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-fleet-'));
  return () => rmSync(folder, { recursive: true });
});
beforeAll(async () => {
  stack = await Stack.start();
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  client = await stack.client();
});

test('three nodes join and report', async () => {
  const nodes = await client.untilNodes(
    (all) => all.filter(({ state, sample }) => state === 'alive' && (sample?.number ?? 0) > 1).length === 3,
    AbortSignal.timeout(30_000),
  );
  expect(nodes.map(({ name }) => name).toSorted()).toEqual(nodeNames);
  for (const { facts, sample } of nodes) {
    expect(facts?.kernel).toMatch(/Linux|\d+\.\d+/);
    expect(sample?.memory.total).toBeGreaterThan(0);
  }
});

test('a broadcast is received, opened and confirmed by each of them', async () => {
  const text = `Good morning, everyone: ${crypto.randomUUID()}`;
  const command = await client.broadcast(text, AbortSignal.timeout(10_000));
  expect(command.receipts.map(({ name, outcome }) => `${name} ${outcome}`).toSorted()).toEqual(
    nodeNames.map((name) => `${name} done`),
  );
  for (const name of nodeNames) expect(await logLine(stack.container(name), new RegExp(text))).toContain(text);
});

test("nginx serves the page over TLS that init's authority vouches for", async () => {
  const { status, headers, body } = await client.ask('');
  expect(status).toBe(200);
  expect(body).toContain('<title>Sealcast');
  expect(headers['content-security-policy']).toBeDefined();
  const stranger = new MasterClient(stack.url);
  await expect(stranger.ask('')).rejects.toThrow(/certificate/);
});

test('nginx speaks HTTP/2, and sends a browser that came without TLS over to it', async () => {
  const session = connect(stack.url, { ca: stack.authority });
  await once(session, 'connect');
  expect(session.alpnProtocol).toBe('h2');
  session.destroy();
  const { status, headers } = await new MasterClient(stack.url.replace('https', 'http')).ask('');
  expect([status, headers.location]).toEqual([301, stack.url]);
});

test('no header stands twice, and the cookie is only for TLS', async () => {
  const json = { name: 'admin', password: await stack.password() };
  const { status, headers, rawHeaders } = await new MasterClient(stack.url, stack.authority).ask('api/session', {
    method: 'POST',
    json,
  });
  expect(status).toBe(204);
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  expect(names).toContain('content-security-policy');
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  expect(headers['set-cookie']?.[0]).toContain('Secure');
});

test('Prometheus reads metrics through nginx with the token, and nobody without', async () => {
  const token = (await inVolume(stack.volume('keys'), 'cat /v/metrics.token')).trim();
  expect((await client.ask('metrics')).status).toBe(401);
  const { status, body } = await client.ask('metrics', { authorization: `Bearer ${token}` });
  expect(status).toBe(200);
  expect(body).toContain('\nsealcast_nodes{state="alive"} 3\n');
});

test('curl is told by the API what docs/api.md says, and live', async () => {
  writeFileSync(join(folder, 'tls-ca.crt'), stack.authority);
  const url = documented('docs/api.md', 'url=https://localhost:8443').replace('8443', String(stack.place.httpsPort));
  const asked = async (line: string) => await typed(`${url}\n${line}`, { cwd: folder });
  const session = documented(
    'docs/api.md',
    `(umask 077; echo '{"name":"admin","password":"…"}' | curl -sS --cacert tls-ca.crt -c cookies -H 'content-type: application/json' -d @- "$url/api/session")`,
  );
  expect(await asked(session)).toMatch(/^{"error":".+"}$/);
  expect(await asked(session.replace('…', await stack.password()))).toBe('');
  const nodes = await asked(documented('docs/api.md', 'curl -sS --cacert tls-ca.crt -b cookies "$url/api/nodes"'));
  expect((JSON.parse(nodes) as { nodes: NodeView[] }).nodes.map(({ name }) => name).toSorted()).toEqual(nodeNames);
  await asked(documented('docs/api.md', 'curl -sS --cacert tls-ca.crt -b cookies "$url/docs/json" > openapi.json'));
  const described = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8')) as Record<string, object>;
  expect(described).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) });
  expect(Object.keys(described['paths'] ?? {})).toContain('/api/nodes');
  const line = documented('docs/api.md', 'curl -sS --cacert tls-ca.crt -b cookies -N "$url/api/events"');
  await using events = new Typed(`${url}\n${line}`, { cwd: folder });
  await events.says(/^event: node\ndata: {.+}\n/m);
});

test('the command line signs in from a clone as docs/command-line.md has it, and out again', async () => {
  writeFileSync(join(folder, 'tls-ca.crt'), stack.authority);
  for (const part of ['scripts', 'services', 'node_modules', 'package-lock.json'])
    symlinkSync(join(root, part), join(folder, part));
  const here = { cwd: folder, settings: { HOME: folder, XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' } };
  const signIn = documented(
    'docs/command-line.md',
    'scripts/sealcast sign-in https://localhost:8443 --ca tls-ca.crt',
  ).replace('8443', String(stack.place.httpsPort));
  // A password is asked for at a terminal, whose Enter is a carriage return.
  await using terminal = new Typed(`script -qec 'stty cols 80 rows 24; ${signIn}' /dev/null`, here);
  await terminal.says(/Password of admin/);
  terminal.answer(`${await stack.password()}\r`);
  await terminal.says(/Signed in as admin/);
  expect(await terminal.ended).toBe(0);
  const listed = await typed(documented('docs/command-line.md', 'scripts/sealcast nodes'), here);
  for (const name of nodeNames) expect(listed).toContain(name);
  await typed(documented('docs/command-line.md', 'scripts/sealcast sign-out'), here);
  await expect(typed('scripts/sealcast nodes', here)).rejects.toThrow(/ended with 3/);
});

test('Prometheus is given the token and the authority as docs/monitoring.md has it', async () => {
  // What the package of Prometheus has made, on a machine of its own: what sudo is to do is done there.
  const inside = `useradd --system prometheus; "$@"; cd /etc/prometheus; stat -c '%n %a %U' *; cat *; rm *`;
  const there = `docker run --rm -i --network=none --tmpfs /etc/prometheus --entrypoint=sh ${await farHostImage()}`;
  writeFileSync(join(folder, 'sudo'), `#!/bin/sh\nexec ${there} -ec '${inside.replaceAll("'", `'\\''`)}' sh "$@"\n`, {
    mode: 0o755,
  });
  const { settings } = stack.shell;
  const here = { cwd: stack.shell.cwd, settings: { ...settings, PATH: `${folder}:${process.env['PATH']}` } };
  const token = await typed(
    documented(
      'docs/monitoring.md',
      'docker compose exec -T master cat /var/lib/sealcast/keys/metrics.token | sudo install -m 0400 -o prometheus /dev/stdin /etc/prometheus/sealcast.token',
    ),
    here,
  );
  expect(token).toBe(`sealcast.token 400 prometheus\n${await inVolume(stack.volume('keys'), 'cat /v/metrics.token')}`);
  const authority = await typed(
    documented(
      'docs/monitoring.md',
      'docker compose exec -T master cat /var/lib/sealcast/keys/tls-ca.crt | sudo install -m 0444 /dev/stdin /etc/prometheus/sealcast-ca.crt',
    ),
    here,
  );
  expect(authority).toBe(`sealcast-ca.crt 444 root\n${stack.authority}`);
});

test('live updates come through nginx one by one, as they happen', async () => {
  const arrivals: number[] = [];
  for await (const event of await client.events(AbortSignal.timeout(15_000))) {
    if (event.type === 'node') arrivals.push(performance.now());
    if (arrivals.length === 9) break;
  }
  // Three nodes report once a second. Held back, they would come all at once, or not at all.
  expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(1500);
});

test.each([...services])(
  '%s runs without root, capabilities or a way to write outside its volumes',
  async (service) => {
    const container = stack.container(service);
    const status = await beside(container, 'cat', '/proc/1/status');
    const row = (name: string): string | undefined => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
    expect(row('Uid')).toBe('36500\t36500\t36500\t36500');
    expect(row('Gid')).toBe('36500\t36500\t36500\t36500');
    expect(['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(row)).toEqual(
      Array.from({ length: 5 }, () => '0'.repeat(16)),
    );
    expect(row('NoNewPrivs')).toBe('1');
    // A process that may write finds nothing to write to: all that is writable is /tmp and the service's own volume.
    const writable = await beside(container, 'awk', '$4 ~ /^rw/ {print $2}', '/proc/1/mounts');
    const volumes = service === 'master' ? ['data', 'page'] : service === 'nginx' ? [] : ['state'];
    expect(
      writable
        .split('\n')
        .filter((path) => path.startsWith('/') && !/^\/(proc|dev|sys)(\/|$)/.test(path))
        .toSorted(),
    ).toEqual(['/tmp', ...volumes.map((name) => `/var/lib/sealcast/${name}`)]);
    const limits = await docker(['inspect', '--format', '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}', container]);
    expect(limits).toMatch(/^[1-9]\d+ [1-9]\d+\n$/);
  },
);

test("a node sees no private key, and can't write where the others read", async () => {
  const nodes = stack.volume('nodes');
  expect((await filesIn(nodes)).map(({ path }) => path)).toContain('transport.pub');
  expect(await inVolume(nodes, 'grep -rlF "PRIVATE KEY" /v || echo none')).toBe('none\n');
  const container = stack.container('node-1');
  await expect(beside(container, 'touch', '/proc/1/root/var/lib/sealcast/nodes/x')).rejects.toThrow(/Read-only/);
  const seen = await beside(container, 'ls', '/proc/1/root/var/lib/sealcast');
  expect(seen.split('\n').filter(Boolean)).toEqual(['nodes', 'state']);
});

test('no secret stands in what the engine tells of the containers, or in their logs', async () => {
  const keys = stack.volume('keys');
  const secrets = [
    ...(await inVolume(keys, 'cat /v/*.pem /v/*.key /v/admin.password /v/metrics.token | grep -v -e "-----"')).split(
      '\n',
    ),
    ...(await inVolume(stack.volume('nodes'), 'cat /v/invite-*')).split('\n'),
    ...(await inVolume(stack.volume('tls'), 'grep -v -e "-----" /v/tls.key')).split('\n'),
    JSON.parse(await inVolume(keys, 'cat /v/admin.json')).hash as string,
  ].filter((line) => line.length >= 12);
  expect(secrets.length).toBeGreaterThan(30);
  const containers = ['init', ...services].map((service) => stack.container(service));
  const told = (await docker(['inspect', ...containers])) + (await Promise.all(containers.map(logsOf))).join('');
  expect(told).toContain('mq_invite_code=/var/lib/sealcast/nodes/invite-1');
  expect(told).toContain('a new node joined');
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
});

test('another token takes the place of the one that was deleted', async () => {
  const token = async () => (await inVolume(stack.volume('keys'), 'cat /v/metrics.token')).trim();
  const before = await token();
  await typed(
    documented(
      'docs/monitoring.md',
      'docker compose run --rm --entrypoint rm init /var/lib/sealcast/keys/metrics.token',
    ),
    stack.shell,
  );
  await typed(documented('docs/monitoring.md', 'docker compose up --wait --force-recreate init master'), stack.shell);
  const answers = [before, await token()].map(
    async (one) => (await client.ask('metrics', { authorization: `Bearer ${one}` })).status,
  );
  expect(await Promise.all(answers)).toEqual([401, 200]);
});
