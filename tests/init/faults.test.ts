import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Place } from './place.ts';

const first = new Place();
const second = new Place();
let place: Place;

beforeAll(async () => {
  await Promise.all([first.init(), second.init()]);
});
afterAll(() => {
  first[Symbol.dispose]();
  second[Symbol.dispose]();
});
beforeEach(() => {
  place = first.copy();
});
afterEach(() => place[Symbol.dispose]());

/** What init says of each file. It has to stop, and leave everything as it was. */
async function faults(settings: Record<string, string> = {}): Promise<(file: string) => string> {
  const before = place.snapshot();
  const { code, stdout, stderr } = await place.init({ settings });
  expect(place.snapshot()).toEqual(before);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const [title, ...told] = stderr.split('\n\n').map((part) => part.trim().replaceAll(/\s+/g, ' '));
  expect(title).toMatch(/^init stopped and changed nothing: \d+ faults?\.$/);
  return (file) => told.find((part) => part.startsWith(`${place.at(file)} `)) ?? `nothing about ${file}`;
}

async function fault(file: string): Promise<string> {
  return (await faults())(file);
}

/** Takes the other master's file. */
function swap(file: string): void {
  copyFileSync(second.at(file), place.at(file));
}

/** Every file of init's, with what stands in for it. */
const files = [
  ...['transport.pem', 'transport.pub', 'signing.pem', 'signing.pub', 'curve.key', 'curve.pub'].map(
    (name) => `keys/${name}`,
  ),
  ...['tls-ca.key', 'tls-ca.crt', 'admin.password', 'admin.json', 'invites.json', 'metrics.token'].map(
    (name) => `keys/${name}`,
  ),
  'tls/tls.key',
  'tls/tls.crt',
  ...['transport.pub', 'signing.pub', 'curve.pub', 'tls-ca.crt', 'invite-2'].map((name) => `nodes/${name}`),
];

test('symbolic links in place of files are refused, all at once', async () => {
  for (const file of files) {
    renameSync(place.at(file), place.at(`${file}.real`));
    symlinkSync(place.at(`${file}.real`), place.at(file));
  }
  const told = await faults();
  for (const file of files) expect(told(file)).toContain('is a symbolic link.');
});

test('a symbolic link that leads nowhere is refused, too', async () => {
  rmSync(place.at('keys/curve.pub'));
  symlinkSync(place.at('nowhere'), place.at('keys/curve.pub'));
  expect(await fault('keys/curve.pub')).toContain('is a symbolic link.');
});

test('folders in place of files are refused, all at once', async () => {
  for (const file of files) {
    rmSync(place.at(file));
    mkdirSync(place.at(file));
  }
  const told = await faults();
  for (const file of files) expect(told(file)).toContain('is a folder.');
});

test('empty files are refused, all at once', async () => {
  for (const file of files) place.write(file, '');
  const told = await faults();
  for (const file of files) expect(told(file)).toMatch(/ (holds no|is damaged|is no invite)/);
});

test('a named pipe is refused, and nobody waits at it', async () => {
  rmSync(place.at('keys/signing.pem'));
  execFileSync('mkfifo', [place.at('keys/signing.pem')]);
  expect(await fault('keys/signing.pem')).toContain('is not a regular file.');
});

test.each([
  ['PKCS#8', 'pkcs8 -topk8 -passout pass:secret -in keys/transport.pem -out keys/new'],
  ['PKCS#1', 'rsa -traditional -aes256 -passout pass:secret -in keys/transport.pem -out keys/new'],
])('an RSA key locked with a pass phrase, %s, is refused', async (_, lock) => {
  place.openssl(lock);
  renameSync(place.at('keys/new'), place.at('keys/transport.pem'));
  expect(await fault('keys/transport.pem')).toContain('is locked with a pass phrase');
});

test.each([
  ['1024 bits', 'genrsa -out keys/transport.pem 1024', 'holds an RSA key of 1024 bits; it has to be 2048.'],
  ['3072 bits', 'genrsa -out keys/transport.pem 3072', 'holds an RSA key of 3072 bits; it has to be 2048.'],
  ['the exponent 3', 'genrsa -3 -out keys/transport.pem 2048', 'with the exponent 3; it has to be 65537.'],
  [
    'an elliptic curve',
    'ecparam -name prime256v1 -genkey -noout -out keys/transport.pem',
    'of the kind ec; it has to be RSA.',
  ],
  [
    'RSA for signatures alone',
    'genpkey -algorithm RSA-PSS -out keys/transport.pem',
    'of the kind rsa-pss; it has to be RSA.',
  ],
])('a transport key of %s is refused', async (_, make, words) => {
  place.openssl(make);
  expect(await fault('keys/transport.pem')).toContain(words);
});

test('an RSA key whose numbers do not fit one another is refused', async () => {
  const jwk = createPrivateKey(place.read('keys/transport.pem')).export({ format: 'jwk' });
  const other = createPrivateKey(second.read('keys/transport.pem')).export({ format: 'jwk' });
  const { d = '', dp = '', dq = '', qi = '' } = other;
  const mixed = createPrivateKey({ format: 'jwk', key: { ...jwk, d, dp, dq, qi } });
  place.write('keys/transport.pem', mixed.export({ type: 'pkcs1', format: 'pem' }));
  expect(await fault('keys/transport.pem')).toContain('does not open what its own public key seals');
});

test('a signing key of another kind is refused', async () => {
  place.openssl('genpkey -algorithm ed448 -out keys/signing.pem');
  expect(await fault('keys/signing.pem')).toContain('of the kind ed448; it has to be Ed25519.');
});

test.each([
  'keys/transport.pub',
  'keys/signing.pub',
  'keys/curve.pub',
  'nodes/transport.pub',
  'nodes/signing.pub',
  'nodes/curve.pub',
])('a %s of another pair is refused', async (file) => {
  swap(file);
  expect(await fault(file)).toContain('does not belong to');
});

test.each(['transport.pem', 'signing.pem', 'curve.key'])(
  'a public key whose %s is lost is refused: nothing can replace it',
  async (name) => {
    rmSync(place.at('keys', name));
    const shown = name.replace(/pem$|key$/, 'pub');
    const told = await faults();
    for (const folder of ['keys', 'nodes'])
      expect(told(`${folder}/${shown}`)).toContain(
        `is the public half of a key that is gone: ${place.at('keys', name)} is not there.`,
      );
  },
);

test.each(['keys/transport.pub', 'keys/signing.pub', 'nodes/transport.pub'])(
  'a private key in %s is refused',
  async (file) => {
    copyFileSync(place.at('keys', file.includes('signing') ? 'signing.pem' : 'transport.pem'), place.at(file));
    expect(await fault(file)).toContain('holds a private key where the public one belongs.');
  },
);

test('private files where nodes can read them are refused, all at once', async () => {
  const names = ['transport.pem', 'signing.pem', 'curve.key', 'tls-ca.key', 'tls.key', 'admin.password'];
  for (const name of names) place.write(`nodes/${name}`, 'x');
  const told = await faults();
  for (const name of names)
    expect(told(`nodes/${name}`)).toContain('is private and lies where every node can read it.');
});

test('a certificate of another key is refused', async () => {
  swap('tls/tls.key');
  expect(await fault('tls/tls.crt')).toContain('does not belong to the private key tls.key.');
});

test('a certificate whose key is lost is refused', async () => {
  rmSync(place.at('tls/tls.key'));
  expect(await fault('tls/tls.crt')).toContain('is there without its private key');
});

test("an authority's certificate of another key is refused", async () => {
  swap('keys/tls-ca.key');
  expect(await fault('keys/tls-ca.crt')).toContain('does not belong to the private key tls-ca.key.');
});

test("a server's certificate in place of the authority's is refused", async () => {
  copyFileSync(place.at('tls/tls.crt'), place.at('keys/tls-ca.crt'));
  expect(await fault('keys/tls-ca.crt')).toContain('is not the certificate of an authority.');
});

test("another authority's certificate for nodes is refused", async () => {
  swap('nodes/tls-ca.crt');
  expect(await fault('nodes/tls-ca.crt')).toContain(`differs from ${place.at('keys/tls-ca.crt')}.`);
});

test('a certificate for nodes whose original is lost is refused', async () => {
  rmSync(place.at('keys/tls-ca.crt'));
  expect(await fault('nodes/tls-ca.crt')).toContain('is a copy of a certificate that is gone');
});

test.each([
  ['keys/admin.json', '{"name":"admin"}', 'name and hash are missing'],
  ['keys/admin.json', '{"name":"admin","hash":"$2b$10$x"}', 'hash is no argon2id hash'],
  ['keys/admin.password', 'short\n', 'holds no password'],
  ['keys/admin.password', 'two lines\nare one too many\n', 'holds no password'],
  ['keys/invites.json', '{}', 'it is not a list'],
  ['nodes/invite-1', 'sealcast1:AAAA', 'is no invite, or a damaged one.'],
])('%s with %j is refused', async (file, contents, words) => {
  place.write(file, contents);
  expect(await fault(file)).toContain(words);
});

test.each([
  [{ keys_dir: 'nodes' }, 'nodes', 'is keys_dir and lies where nodes can read it'],
  [{ keys_dir: 'nodes/keys' }, 'nodes/keys', 'is keys_dir and lies where nodes can read it'],
  [{ tls_dir: 'nodes' }, 'nodes', 'is tls_dir and lies where nodes can read it'],
  [{ keys_dir: 'tls' }, 'tls', 'is keys_dir and lies where the proxy can read it'],
  [{ nodes_dir: 'keys/nodes' }, 'keys/nodes', 'is nodes_dir and lies in keys_dir'],
  [{ keys_dir: 'link/keys' }, 'nodes/keys', 'is keys_dir and lies where nodes can read it'],
])('folders that share what they must not, %j, are refused', async (names, where, words) => {
  symlinkSync('nodes', place.at('link'));
  const settings = Object.fromEntries(Object.entries(names).map(([name, path]) => [name, place.at(path)]));
  expect((await faults(settings))(where)).toContain(words);
});

test('every fault is told at once', async () => {
  place.write('keys/transport.pem', 'x');
  swap('keys/signing.pub');
  place.write('keys/curve.key', 'x');
  swap('tls/tls.key');
  place.write('keys/admin.json', 'x');
  place.write('nodes/invite-2', 'x');
  const { code, stderr } = await place.init();
  expect(code).toBe(1);
  expect(stderr).toContain('init stopped and changed nothing: 6 faults.');
  for (const file of [
    'keys/transport.pem',
    'keys/signing.pub',
    'keys/curve.key',
    'tls/tls.crt',
    'keys/admin.json',
    'nodes/invite-2',
  ])
    expect(stderr).toContain(`\n  ${place.at(file)}\n`);
});

test('one fault keeps everything else from being made', async () => {
  using half = new Place();
  half.write('keys/signing.pem', 'x');
  const before = half.snapshot();
  expect((await half.init()).code).toBe(1);
  expect(half.snapshot()).toEqual(before);
});

test('wrong settings are told at once, and nothing is made', async () => {
  using empty = new Place();
  const { code, stderr } = await empty.init({ settings: { init_nodes: 'x', mq_sub_port: 'y' } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/2 faults in the settings[\s\S]*init_nodes is "x"[\s\S]*mq_sub_port is "y"/);
  expect(empty.names('.')).toEqual([]);
});

test('a file where a folder belongs is told', async () => {
  using empty = new Place();
  empty.write('keys', 'x');
  const { code, stderr } = await empty.init();
  expect(code).toBe(1);
  expect(stderr).toContain('which is not a folder');
});
