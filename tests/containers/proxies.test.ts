// The page behind a proxy that is somebody else's, as docs/expose.md has it, and with no proxy at all: one master after the other.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePorts } from '../../scripts/free-ports.ts';
import { MasterClient } from '@sealcast/cli/api/master-client';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { docker, logLine, root } from './docker.ts';
import { certificateAt, ownCertificate } from './own-certificate.ts';
import { addressesOf, guess, reach, fromOthers } from './reach.ts';
import { compose, freePlace, type Place, takeDown } from './stack.ts';
import { testssl } from './testssl.ts';

const docs = readFileSync(join(root, 'docs/expose.md'), 'utf8');
const example = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(docs)?.[1] ?? '';

let place: Place;
let authority: string;
let password: string;
let httpPort: number;
let proxyPort: number;
const extra: string[] = [];

const container = (service: string): string => `${place.project}-${service}-1`;

beforeAll(async () => {
  place = await freePlace();
  [httpPort = 0, proxyPort = 0] = await freePorts([0, 0]);
  Object.assign(place.settings, { publish_http_port: String(httpPort), page_network: `${place.project}_page` });
  await compose(place, 'build', 'init', 'master');
});
afterAll(async () => {
  if (extra.length > 0) await docker(['rm', '--force', '--volumes', ...extra]);
  await takeDown(place);
});

async function key(file: string): Promise<string> {
  return await docker(['exec', container('master'), 'cat', `/var/lib/sealcast/keys/${file}`]);
}

async function upWith(overlay: string): Promise<void> {
  if (extra.length > 0) await docker(['rm', '--force', '--volumes', ...extra.splice(0)]);
  place.settings['COMPOSE_FILE'] = `docker-compose.yml:deploy/compose.${overlay}.yml`;
  await compose(place, 'up', '--wait', '--remove-orphans', 'master');
  authority = await key('tls-ca.crt');
  password = (await key('admin.password')).trim();
}

/** Something that does nothing by itself, or a proxy, in a network. */
async function run(network: string, args: string[]): Promise<string> {
  const started = (await docker(['run', '--detach', '--init', '--network', network, ...args])).trim();
  extra.push(started);
  return started;
}

async function idle(network: string): Promise<string> {
  return await run(`${place.project}_${network}`, ['--entrypoint', 'sleep', 'node:26-trixie-slim', 'infinity']);
}

/** Caddy or nginx with a configuration, and the certificate of the page. */
async function proxy(network: string, image: string, config: string, args: string[]): Promise<string> {
  const start = `printf %s "$CONFIG" >/tmp/config; exec ${args.join(' ')}`;
  const tls = `${place.project}_tls:/tls:ro`;
  const limits = ['--user', '36500:36500', '--tmpfs', '/tmp:mode=1777', '--volume', tls, '--env', `CONFIG=${config}`];
  const alias = network === 'host' ? [] : ['--network-alias', 'proxy'];
  return await run(network, [...limits, ...alias, '--entrypoint', 'sh', image, '-c', start]);
}

async function buildCaddy(): Promise<string> {
  const image = 'sealcast-test-caddy';
  await docker(['build', '-q', '-t', image, '-f', 'tests/containers/caddy.Dockerfile', 'tests/containers']);
  return image;
}

/** Who comes in vain until the proxy listens tries again at once. */
async function answering(client: MasterClient): Promise<MasterClient> {
  const until = AbortSignal.timeout(30_000);
  for (;;) {
    const answer = await client.ask('api/health').catch(() => undefined);
    if (answer?.status === 200) return client;
    until.throwIfAborted();
    await docker(['version']);
  }
}

/** What everybody sees who comes by TLS: a page, its headers once, a cookie for TLS alone, and events as they happen. */
async function expectWholePage(port: number): Promise<void> {
  const client = await answering(new MasterClient(`https://localhost:${port}/`, authority));
  const page = await client.ask('');
  expect([page.status, page.body.includes('<title>Sealcast')]).toEqual([200, true]);
  const names = page.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  expect(names).toContain('content-security-policy');
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  const signedIn = await client.ask('api/session', { method: 'POST', json: { name: 'admin', password } });
  expect(String(signedIn.headers['set-cookie'])).toMatch(/^__Host-sealcast_session=.*; Secure/);
  await client.signIn('admin', password);
  const signal = AbortSignal.timeout(15_000);
  const events = await client.events(signal);
  const next = events.next();
  // Nobody is there to receive it; that it was sent is news all the same.
  const { id } = await client.tell('hello');
  expect((await next).value).toMatchObject({ type: 'command', command: { id } });
}

describe('behind a proxy on the same machine', () => {
  beforeAll(async () => await upWith('proxy'));

  test.each(['nginx', 'caddy'])('%s, with what the documentation says, shows the whole page', async (kind) => {
    const [config, image, args] =
      kind === 'nginx'
        ? ([
            `daemon off; pid /tmp/pid; error_log stderr; events {} http { access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p;
               fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;
               ${example('nginx')
                 .replace('listen 443', `listen 127.0.0.1:${proxyPort}`)
                 .replace('127.0.0.1:8080', `127.0.0.1:${httpPort}`)
                 .replace(/ssl_certificate .*;/, 'ssl_certificate /tls/tls.crt;')
                 .replace(/ssl_certificate_key .*;/, 'ssl_certificate_key /tls/tls.key;')} }`,
            'nginx:stable',
            ['nginx', '-e', 'stderr', '-c', '/tmp/config'],
          ] as const)
        : ([
            `{\nadmin off\nauto_https disable_redirects\n}\n${example('caddy')
              .replace('fleet.example.org {', `https://localhost:${proxyPort} {\ntls /tls/tls.crt /tls/tls.key`)
              .replace('127.0.0.1:8080', `127.0.0.1:${httpPort}`)}`,
            await buildCaddy(),
            ['caddy', 'run', '--adapter', 'caddyfile', '--config', '/tmp/config'],
          ] as const);
    expect(config).toContain(String(httpPort));
    const started = await proxy('host', image, config, [...args]);
    await expectWholePage(proxyPort);
    await docker(['rm', '--force', ...extra.splice(extra.indexOf(started), 1)]);
  });

  test('whom the proxy names is believed, and whom others name is not', async () => {
    const machine = await run('host', ['--entrypoint', 'sleep', 'node:26-trixie-slim', 'infinity']);
    expect(await guess(machine, fromOthers(`http://127.0.0.1:${httpPort}/`))).toEqual(
      Array.from({ length: 12 }, () => 401),
    );
    const neighbour = await idle('uplink');
    expect(await guess(neighbour, fromOthers('http://uplink:8080/'))).toContain(429);
    const [address] = (await addressesOf(neighbour)).own;
    expect(await logLine(container('master'), new RegExp(`"address":"${address}"`))).toContain('failed to sign in');
  });

  test("the page's port is open to nobody else: neither to nodes nor to other machines", async () => {
    const { own } = await addressesOf(container('master'));
    const node = await idle('field');
    const said = await reach(
      node,
      ['master', ...own].map((host) => [host, 8080] as const),
    );
    expect(said.filter((one) => one === 'connected')).toEqual([]);
    const bindings = await docker(['inspect', '--format', '{{json .HostConfig.PortBindings}}', container('master')]);
    expect(JSON.parse(bindings)).toMatchObject({ '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(httpPort) }] });
  });
});

describe('behind a proxy in a container', () => {
  beforeAll(async () => await upWith('proxy-network'));

  test('it alone is believed, also when another container takes its address', async () => {
    const network = `${place.project}_page`;
    const config =
      '{\nadmin off\nauto_https off\n}\n:8443 {\ntls /tls/tls.crt /tls/tls.key\nreverse_proxy page:8080\n}\n';
    const neighbour = await idle('page');
    const args = ['caddy', 'run', '--adapter', 'caddyfile', '--config', '/tmp/config'];
    const caddy = await proxy(network, await buildCaddy(), config, args);
    await logLine(caddy, /serving initial configuration/);
    // Through the proxy it is whom the proxy sees, whatever it says, and so it is past it.
    const inAll = await guess(neighbour, [...fromOthers('https://proxy:8443/'), ...fromOthers('http://page:8080/')]);
    expect(inAll.slice(0, 12)).toContain(429);
    expect(inAll.slice(12)).toContain(429);
    const [address] = (await addressesOf(neighbour)).own;
    expect(await logLine(container('master'), new RegExp(`"address":"${address}"`))).toContain('failed to sign in');
    // The proxy goes, and somebody else is given its address.
    const [old] = (await addressesOf(caddy)).own;
    await docker(['rm', '--force', ...extra.splice(extra.indexOf(caddy), 1)]);
    const heir = await run(network, [
      '--ip',
      old ?? '',
      '--entrypoint',
      'sleep',
      'node:26-trixie-slim',
      'infinity',
    ]).catch(async () => await idle('page'));
    expect((await addressesOf(heir)).own).toEqual([old]);
    // The name is known for two seconds at most.
    const until = AbortSignal.timeout(10_000);
    while (!(await guess(heir, fromOthers('http://page:8080/'))).includes(429)) until.throwIfAborted();
  });

  test('the four ports are not open to it, and the page is not open to nodes', async () => {
    const { mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port } = place.settings;
    const ports = [mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port].map(Number);
    const { own } = await addressesOf(container('master'));
    const hosts = ['page', ...own];
    const neighbour = await idle('page');
    const toMq = hosts.flatMap((host) => ports.map((port) => [host, port] as const));
    expect((await reach(neighbour, toMq)).filter((one) => one === 'connected')).toEqual([]);
    expect(await reach(neighbour, [['page', 8080]])).toEqual(['connected']);
    const node = await idle('field');
    expect(
      (
        await reach(
          node,
          hosts.map((host) => [host, 8080] as const),
        )
      ).filter((one) => one === 'connected'),
    ).toEqual([]);
    expect(
      await reach(
        node,
        ports.map((port) => ['master', port] as const),
      ),
    ).toEqual(ports.map(() => 'connected'));
    // And from other machines, as ever.
    const machine = await run('host', ['--entrypoint', 'sleep', 'node:26-trixie-slim', 'infinity']);
    expect(
      await reach(
        machine,
        ports.map((port) => ['127.0.0.1', port] as const),
      ),
    ).toEqual(ports.map(() => 'connected'));
  });
});

describe('without a proxy', () => {
  beforeAll(async () => await upWith('direct'));

  test('the master shows the whole page over its own TLS', async () => {
    expect(place.httpsPort).not.toBe(proxyPort);
    await expectWholePage(place.httpsPort);
  });

  test('whom somebody says to be is not believed, and the page is not open to nodes', async () => {
    const neighbour = await idle('uplink');
    expect(await guess(neighbour, fromOthers('https://uplink:8080/'))).toContain(429);
    const { own } = await addressesOf(container('master'));
    const said = await reach(
      await idle('field'),
      ['master', ...own].map((host) => [host, 8080] as const),
    );
    expect(said.filter((one) => one === 'connected')).toEqual([]);
  });

  test('testssl.sh finds nothing below a modern profile', async () => {
    const { ids, faults } = await testssl(place.httpsPort, authority);
    expect(ids).toEqual(
      expect.arrayContaining(['TLS1_3', 'TLS1', 'cipherlist_NULL', 'cert_chain_of_trust', 'heartbleed']),
    );
    expect(faults).toEqual([]);
  });

  test('a certificate of your own is taken up by the master itself, with nobody to be told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sealcast-direct-'));
    const { certificate, key: own } = ownCertificate();
    writeFileSync(join(folder, 'fullchain.pem'), certificate);
    writeFileSync(join(folder, 'privkey.pem'), own, { mode: 0o600 });
    const line = documented(
      'docs/expose.md',
      'cat fullchain.pem privkey.pem | docker compose run --rm -T init certificate',
    );
    const { project, settings } = place;
    const files = (settings['COMPOSE_FILE'] ?? '').split(':').map((file) => join(root, file));
    const started = await docker(['inspect', '--format', '{{.State.StartedAt}}', container('master')]);
    const here = { ...settings, COMPOSE_PROJECT_NAME: project, COMPOSE_FILE: files.join(':') };
    expect(await typed(line, { cwd: folder, settings: here })).toContain('localhost');
    rmSync(folder, { recursive: true });
    await vi.waitUntil(async () => (await certificateAt(place.httpsPort)) === 'own.example', 30_000);
    expect(await docker(['inspect', '--format', '{{.State.StartedAt}}', container('master')])).toBe(started);
  });
});

describe('from nginx to no proxy, and back', () => {
  beforeAll(async () => {
    if (extra.length > 0) await docker(['rm', '--force', '--volumes', ...extra.splice(0)]);
    Object.assign(place.settings, { demo_nodes: '0' });
    await compose(place, 'down', '--volumes', '--timeout', '1');
  });

  test.each([
    ['docker-compose.yml', ['master', 'nginx']],
    ['docker-compose.yml:deploy/compose.direct.yml', ['master']],
    ['docker-compose.yml', ['master', 'nginx']],
  ])('an installation that runs goes over to %s by one command', async (files, services) => {
    place.settings['COMPOSE_FILE'] = files;
    await compose(place, 'up', '--wait');
    expect((await compose(place, 'ps', '--services')).trim().split('\n').toSorted()).toEqual(services);
    authority = await key('tls-ca.crt');
    password = (await key('admin.password')).trim();
    await expectWholePage(place.httpsPort);
  });
});
