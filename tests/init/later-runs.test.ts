import { chmodSync, renameSync, rmSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Place } from './place.ts';

const first = new Place();
let place: Place;

beforeAll(async () => {
  await first.init();
});
afterAll(() => first[Symbol.dispose]());
beforeEach(() => {
  place = first.copy();
});
afterEach(() => place[Symbol.dispose]());

test('a second run changes nothing, not even a time', async () => {
  const before = place.snapshot();
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout).toContain('Everything was there and in order. Nothing was changed.');
  expect(place.snapshot()).toEqual(before);
});

test('a second run with other settings changes nothing that is there', async () => {
  const before = place.snapshot();
  const settings = {
    init_admin: 'eve',
    tls_names: 'new.example.org',
    mq_public_host: 'new.lan',
    init_nodes: '2',
    init_invite_hours: '1',
  };
  expect((await place.init({ settings })).code).toBe(0);
  expect(place.snapshot()).toEqual(before);
});

test.each([
  ['keys', 'transport.pub'],
  ['keys', 'signing.pub'],
  ['keys', 'curve.pub'],
  ['nodes', 'transport.pub'],
  ['nodes', 'signing.pub'],
  ['nodes', 'curve.pub'],
  ['nodes', 'tls-ca.crt'],
])('%s/%s is derived anew where it is missing, and nothing else is touched', async (folder, name) => {
  const before = place.snapshot();
  const contents = place.read(folder, name);
  rmSync(place.at(folder, name));
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout).toContain('1 made, 23 kept');
  expect(place.read(folder, name)).toBe(contents);
  const file = `${folder}/${name}`;
  const { [file]: _, [folder]: __, ...others } = place.snapshot();
  expect(before).toMatchObject(others);
});

test.each(['mine-'.repeat(8), `${'c2VhbGNhc3Q'.repeat(3)}==\r\n`])(
  "a token of one's own is kept: %j",
  async (token) => {
    place.write('keys/metrics.token', token);
    expect((await place.init()).code).toBe(0);
    expect(place.read('keys', 'metrics.token')).toBe(token);
  },
);

test('a token that is deleted is made anew', async () => {
  const before = place.read('keys', 'metrics.token');
  rmSync(place.at('keys', 'metrics.token'));
  const { stdout } = await place.init();
  expect(stdout).toContain('1 made, 23 kept');
  expect(place.read('keys', 'metrics.token')).not.toBe(before);
});

test.each(['', 'short', 'two\nlines'.repeat(5), 'spaced '.repeat(8)])(
  'what is no token is no reason to go on: %j',
  async (token) => {
    place.write('keys/metrics.token', token);
    const { code, stderr } = await place.init();
    expect(code).toBe(1);
    expect(stderr).toContain('holds no token');
  },
);

test('open modes of files and folders are closed', async () => {
  chmodSync(place.at('keys'), 0o755);
  chmodSync(place.at('keys/transport.pem'), 0o644);
  chmodSync(place.at('tls/tls.key'), 0o640);
  chmodSync(place.at('nodes/invite-1'), 0o666);
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect([place.mode('keys'), place.mode('keys/transport.pem')]).toEqual(['0700', '0600']);
  expect([place.mode('tls/tls.key'), place.mode('nodes/invite-1')]).toEqual(['0600', '0600']);
  expect(stdout).toMatch(/transport\.pem .* mended +0600 +was 0644; SHA-256/);
  expect(stdout).toContain('4 mended, 20 kept');
});

test('modes that are too narrow for nodes are widened', async () => {
  chmodSync(place.at('nodes'), 0o700);
  chmodSync(place.at('nodes/signing.pub'), 0o600);
  await place.init();
  expect([place.mode('nodes'), place.mode('nodes/signing.pub')]).toEqual(['0755', '0644']);
});

test('a certificate that lacks a name is kept, and the warning says how to renew it', async () => {
  const before = place.snapshot();
  const { code, stdout } = await place.init({
    settings: { tls_names: 'new.example.org,localhost', mq_public_host: '10.9.8.7' },
  });
  expect(code).toBe(0);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    `Warning: ${place.at('tls/tls.crt')} does not name new.example.org, 10.9.8.7. It is kept. To renew it, delete tls.crt and tls.key in ${place.at('tls')} and run init again.`,
  );
  expect(place.snapshot()).toEqual(before);
});

test.each([
  [20, 'expires on .*, in (19|20) days'],
  [-1, 'has expired on'],
])('a certificate that ends in %d days is kept, with a warning', async (days, warning) => {
  place.openssl('req -new -key tls/tls.key -subj /CN=localhost -out tls/csr');
  place.write('tls/ext', 'subjectAltName=DNS:localhost');
  const end = new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  place.write('tls/index', '');
  place.write(
    'tls/ca.cnf',
    '[ca]\ndefault_ca=d\n[d]\ndatabase=tls/index\nnew_certs_dir=tls\npolicy=p\ndefault_md=sha256\nrand_serial=yes\n[p]\ncommonName=supplied\n',
  );
  place.openssl(
    `ca -batch -notext -config tls/ca.cnf -in tls/csr -cert keys/tls-ca.crt -keyfile keys/tls-ca.key -startdate 20200101000000Z -enddate ${end} -extfile tls/ext -out tls/new.crt`,
  );
  renameSync(place.at('tls/new.crt'), place.at('tls/tls.crt'));
  const before = place.read('tls/tls.crt');
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Warning: ${place.at('tls/tls.crt')}\\s${warning.replaceAll(' ', '\\s+')}`));
  expect(place.read('tls/tls.crt')).toBe(before);
});

test("somebody's own certificate for the page is kept, and its issuer named", async () => {
  place.openssl(
    'req -x509 -newkey rsa:2048 -nodes -keyout tls/tls.key -out tls/tls.crt -subj /CN=Own -addext subjectAltName=DNS:own.example.org -days 90',
  );
  const before = place.read('tls/tls.crt');
  const { code, stdout } = await place.init({
    settings: { tls_names: 'own.example.org', mq_public_host: 'master.lan' },
  });
  expect(code).toBe(0);
  expect(stdout).toContain('issued by Own');
  expect(stdout).not.toContain('Warning');
  expect(place.read('tls/tls.crt')).toBe(before);
});

test("somebody's own certificate that lacks a name is to be followed by another of theirs", async () => {
  place.openssl(
    'req -x509 -newkey rsa:2048 -nodes -keyout tls/tls.key -out tls/tls.crt -subj /CN=Own -addext subjectAltName=DNS:own.example.org -days 90',
  );
  const { code, stdout } = await place.init({ settings: { tls_names: 'master.lan' } });
  expect(code).toBe(0);
  const said = stdout.replaceAll(/\s+/g, ' ');
  expect(said).toContain(
    `Warning: ${place.at('tls/tls.crt')} does not name master.lan. It is kept. It is not one of init's: give the new one with its key to \`init certificate\`.`,
  );
  expect(said).not.toContain('delete tls.crt');
});

test('a certificate of an authority that was made anew is called out', async () => {
  for (const file of ['keys/tls-ca.key', 'keys/tls-ca.crt', 'nodes/tls-ca.crt']) rmSync(place.at(file));
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /was issued by an older authority, .* It is kept\. To renew it, delete tls\.crt/,
  );
});

test('an authority whose private key is kept elsewhere is enough while nothing has to be signed', async () => {
  rmSync(place.at('keys/tls-ca.key'));
  expect((await place.init()).code).toBe(0);
  rmSync(place.at('tls/tls.crt'));
  const { code, stderr } = await place.init();
  expect(code).toBe(1);
  expect(stderr).toContain(`is needed to sign ${place.at('tls/tls.crt')}, and is not there.`);
});

test('a certificate of the authority that is lost is made anew for the same key, and old certificates stay good', async () => {
  for (const file of ['keys/tls-ca.crt', 'nodes/tls-ca.crt']) rmSync(place.at(file));
  expect((await place.init()).code).toBe(0);
  expect(place.openssl('verify -x509_strict -CAfile nodes/tls-ca.crt tls/tls.crt')).toBe('tls/tls.crt: OK\n');
});

test('a private key that outlived its certificate gets a new one', async () => {
  const key = place.read('tls/tls.key');
  rmSync(place.at('tls/tls.crt'));
  expect((await place.init()).code).toBe(0);
  expect(place.read('tls/tls.key')).toBe(key);
  expect(new X509Certificate(place.read('tls/tls.crt')).subjectAltName).toContain('localhost');
});

test('once the first password is deleted, init says no more of it', async () => {
  rmSync(place.at('keys/admin.password'));
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout).not.toContain('password.');
  expect(place.names('keys')).not.toContain('admin.password');
});

test('a password that is not that of the account is called out', async () => {
  place.write('keys/admin.password', 'another password\n');
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('does not hold the password of admin.json');
});
