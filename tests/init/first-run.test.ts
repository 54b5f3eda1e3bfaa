import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashCode } from '@sealcast/init/invite-list';
import { isPassword, readHash } from '@sealcast/init/password';
import { parseInvite } from '@sealcast/channel/invite';
import { decodeZ85 } from '@sealcast/channel/z85';
import { Publisher, Subscriber } from 'zeromq';
import { Place, type Run } from './place.ts';

const place = new Place();
let run: Run;

beforeAll(async () => {
  run = await place.init({ settings: { mq_public_host: 'master.lan', mq_pub_port: '7001' } });
});
afterAll(() => place[Symbol.dispose]());

const keys = [
  'admin.json',
  'admin.password',
  'curve.key',
  'curve.pub',
  'invites.json',
  'metrics.token',
  'signing.pem',
  'signing.pub',
  'tls-ca.crt',
  'tls-ca.key',
  'transport.pem',
  'transport.pub',
];
const forNodes = ['curve.pub', 'invite-1', 'invite-2', 'invite-3', 'signing.pub', 'tls-ca.crt', 'transport.pub'];

function privateKey(...names: string[]): KeyObject {
  return createPrivateKey(place.read(...names));
}

function derOf(...names: string[]): Buffer {
  return createPublicKey(place.read(...names)).export({ type: 'spki', format: 'der' });
}

test('init is content', () => {
  expect(run).toMatchObject({ code: 0, stderr: '' });
});

test('every file is made, and no other', () => {
  expect(place.names('keys')).toEqual(keys);
  expect(place.names('tls')).toEqual(['tls.crt', 'tls.key']);
  expect(place.names('nodes')).toEqual(forNodes);
});

test('folders and files are open to nobody who does not need them', () => {
  expect([place.mode('keys'), place.mode('tls'), place.mode('nodes')]).toEqual(['0700', '0700', '0755']);
  for (const name of keys) expect(place.mode('keys', name)).toBe('0600');
  for (const name of place.names('tls')) expect(place.mode('tls', name)).toBe('0600');
  for (const name of forNodes) expect(place.mode('nodes', name)).toBe(name.startsWith('invite-') ? '0600' : '0644');
});

test('no private key lies where nodes can read it', () => {
  for (const name of forNodes) expect(place.read('nodes', name)).not.toContain('PRIVATE');
  for (const name of forNodes) expect(place.read('nodes', name)).not.toContain(place.read('keys', 'curve.key').trim());
});

test('the transport key is RSA of 2048 bits with the exponent 65537, and openssl finds it whole', () => {
  expect(place.openssl('rsa -in keys/transport.pem -check -noout')).toContain('RSA key ok');
  expect(privateKey('keys', 'transport.pem').asymmetricKeyDetails).toEqual({
    modulusLength: 2048,
    publicExponent: 65537n,
  });
});

test('openssl derives the public transport key that init wrote', () => {
  expect(place.openssl('rsa -in keys/transport.pem -pubout')).toBe(place.read('keys', 'transport.pub'));
});

test('the signing key signs, and its public half verifies', () => {
  const key = privateKey('keys', 'signing.pem');
  expect(key.asymmetricKeyType).toBe('ed25519');
  const signature = sign(null, Buffer.from('text'), key);
  expect(verify(null, Buffer.from('text'), createPublicKey(place.read('keys', 'signing.pub')), signature)).toBe(true);
});

test('ZeroMQ speaks CURVE with the pair', async () => {
  const serverKey = place.read('keys', 'curve.pub').trim();
  using server = closing(
    new Publisher({ curveServer: true, curveSecretKey: place.read('keys', 'curve.key').trim(), linger: 0 }),
  );
  await server.socket.bind('tcp://127.0.0.1:*');
  // Any other pair is good for the client.
  const [publicKey, secretKey] = [
    'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID',
    'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs',
  ];
  using client = closing(
    new Subscriber({ curveServerKey: serverKey, curvePublicKey: publicKey, curveSecretKey: secretKey, linger: 0 }),
  );
  const greeted = new Promise((resolve, reject) => {
    client.socket.events.on('handshake', resolve);
    client.socket.events.on('handshake:error:auth', reject);
    client.socket.events.on('handshake:error:protocol', reject);
  });
  client.socket.connect(server.socket.lastEndpoint ?? '');
  await expect(greeted).resolves.toBeDefined();
});

test.each(['transport.pub', 'signing.pub', 'curve.pub', 'tls-ca.crt'])('nodes get the same %s', (name) => {
  expect(place.read('nodes', name)).toBe(place.read('keys', name));
});

test('the first password opens the first account', () => {
  const account: unknown = JSON.parse(place.read('keys', 'admin.json'));
  expect(account).toEqual({ name: 'admin', hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) });
  const { hash } = account as { hash: string };
  expect(isPassword(place.read('keys', 'admin.password').trim(), readHash(hash)!)).toBe(true);
});

test('the token for /metrics is 256 bits as base64url', () => {
  expect(place.read('keys', 'metrics.token')).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
});

test('invites pin the master and name its host and ports', () => {
  const now = Date.now() / 1000;
  for (const number of [1, 2, 3]) {
    const invite = parseInvite(place.read('nodes', `invite-${number}`));
    expect(invite).toMatchObject({ host: 'master.lan', data: [36500, 7001], join: [36502, 36503] });
    expect(Buffer.from(invite.rsa)).toEqual(derOf('keys', 'transport.pub'));
    expect(Buffer.from(invite.signing)).toEqual(derOf('keys', 'signing.pub').subarray(-32));
    expect(Buffer.from(invite.curve)).toEqual(Buffer.from(decodeZ85(place.read('keys', 'curve.pub').trim())));
    expect(invite.expires).toBeGreaterThan(now + 168 * 3600 - 60);
    expect(invite.expires).toBeLessThanOrEqual(now + 168 * 3600);
  }
});

test('the list holds the hash, the end and the label of every invite', () => {
  const invites = [1, 2, 3].map((number) => parseInvite(place.read('nodes', `invite-${number}`)));
  expect(new Set(invites.map(({ code }) => hashCode(code))).size).toBe(3);
  expect(JSON.parse(place.read('keys', 'invites.json'))).toEqual(
    invites.map(({ code, expires }, index) => ({ hash: hashCode(code), expires, label: `node-${index + 1}` })),
  );
});

test('the table names every file once, and where the first password is', () => {
  for (const name of [...keys, ...place.names('tls')])
    expect(run.stdout).toMatch(new RegExp(`^  ${name.replace('.', '\\.')} .* made `, 'm'));
  expect(run.stdout).toMatch(/^ {2}invite-1 to 3 .* made .* 0600 /m);
  expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain(
    `sign in as admin; the first password is in ${place.at('keys/admin.password')}`,
  );
});

test('the table holds no secret', () => {
  const bodies = ['transport.pem', 'signing.pem', 'tls-ca.key'].map((name) => place.read('keys', name).split('\n')[1]);
  const invites = [1, 2, 3].map((number) => place.read('nodes', `invite-${number}`));
  const { hash } = JSON.parse(place.read('keys', 'admin.json')) as { hash: string };
  const secrets = [
    ...bodies,
    ...invites,
    hash,
    place.read('keys', 'curve.key'),
    place.read('keys', 'admin.password'),
    place.read('keys', 'metrics.token'),
    place.read('tls', 'tls.key').split('\n')[1],
  ];
  for (const secret of secrets) {
    expect(secret?.trim().length).toBeGreaterThan(15);
    expect(run.stdout).not.toContain(secret?.trim());
  }
});

test('the table has at most 100 columns and, off a terminal, no colour', () => {
  expect(Math.max(...run.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(run.stdout).not.toContain('\u001B');
});

test('two machines get different keys and passwords', async () => {
  using other = new Place();
  mkdirSync(other.at('keys'));
  await other.init({ settings: { init_nodes: '0' } });
  for (const name of ['transport.pub', 'signing.pub', 'curve.pub', 'tls-ca.crt', 'admin.password', 'metrics.token'])
    expect(other.read('keys', name)).not.toBe(place.read('keys', name));
});

test('--help tells of every setting, and makes nothing', async () => {
  using empty = new Place();
  const { code, stdout } = await empty.init({ args: ['--help'] });
  expect(code).toBe(0);
  for (const name of [
    'keys_dir',
    'tls_dir',
    'nodes_dir',
    'init_nodes',
    'init_admin',
    'init_invite_hours',
    'init_owner',
    'tls_names',
    'mq_public_host',
  ])
    expect(stdout).toContain(`  ${name} `);
  expect(empty.names('.')).toEqual([]);
});

test('an unknown argument is refused with the usage', async () => {
  using empty = new Place();
  const { code, stderr } = await empty.init({ args: ['--force'] });
  expect(code).toBe(1);
  expect(stderr).toContain('Usage: init');
  expect(empty.names('.')).toEqual([]);
});

function closing<S extends { close(): void }>(socket: S): Disposable & { socket: S } {
  return { socket, [Symbol.dispose]: () => socket.close() };
}
