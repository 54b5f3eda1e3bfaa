import { parseInvite } from '@sealcast/channel/invite';
import { curveKeyPair } from 'zeromq';
import { createPublicKey } from 'node:crypto';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Place, type Run } from './place.ts';

function kept(run: Run, name: string): void {
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(new RegExp(`^  ${name} .* (kept|mended) +0600`, 'm'));
}

test.each([
  ['PKCS#8', 'genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out keys/transport.pem', 'BEGIN PRIVATE KEY'],
  ['PKCS#1', 'genrsa -traditional -out keys/transport.pem 2048', 'BEGIN RSA PRIVATE KEY'],
])('an RSA key that openssl wrote as %s is kept, and its public half derived', async (_, make, header) => {
  using place = new Place();
  place.write('keys/transport.pem', '');
  place.openssl(make);
  const before = place.read('keys/transport.pem');
  expect(before).toContain(header);
  kept(await place.init(), 'transport.pem');
  expect(place.read('keys/transport.pem')).toBe(before);
  expect(place.read('keys/transport.pub')).toBe(place.openssl('rsa -in keys/transport.pem -pubout'));
  const { rsa } = parseInvite(place.read('nodes/invite-1'));
  expect(Buffer.from(rsa)).toEqual(
    createPublicKey(place.read('keys/transport.pub')).export({ type: 'spki', format: 'der' }),
  );
});

test.each(['-pubout', '-RSAPublicKey_out'])('a public RSA key that openssl wrote with %s is kept', async (form) => {
  using place = new Place();
  place.write('keys/transport.pem', '');
  place.openssl('genrsa -out keys/transport.pem 2048');
  place.openssl(`rsa -in keys/transport.pem ${form} -out keys/transport.pub`);
  const before = place.read('keys/transport.pub');
  kept(await place.init(), 'transport.pub');
  expect(place.read('keys/transport.pub')).toBe(before);
  expect(place.read('nodes/transport.pub')).toContain('BEGIN PUBLIC KEY');
});

test('an Ed25519 key that openssl wrote is kept, and its public half derived', async () => {
  using place = new Place();
  place.write('keys/signing.pem', '');
  place.openssl('genpkey -algorithm ed25519 -out keys/signing.pem');
  kept(await place.init(), 'signing.pem');
  expect(place.read('keys/signing.pub')).toBe(place.openssl('pkey -in keys/signing.pem -pubout'));
});

test.each(['', '\n'])('a CURVE key that ends with %j is kept, and its public half derived', async (end) => {
  using place = new Place();
  const { publicKey, secretKey } = curveKeyPair();
  place.write('keys/curve.key', secretKey + end);
  kept(await place.init(), 'curve.key');
  expect(place.read('keys/curve.key')).toBe(secretKey + end);
  expect(place.read('nodes/curve.pub')).toBe(`${publicKey}\n`);
});

test.each([
  ['an RSA key', 'genrsa -traditional -out tls/tls.key 2048'],
  ['an elliptic key with its parameters before it', 'ecparam -name prime256v1 -genkey -out tls/tls.key'],
])('%s of the web server gets a certificate', async (_, make) => {
  using place = new Place();
  place.write('tls/tls.key', '');
  place.openssl(make);
  kept(await place.init(), 'tls.key');
  expect(place.openssl('verify -x509_strict -CAfile nodes/tls-ca.crt tls/tls.crt')).toBe('tls/tls.crt: OK\n');
});

test('a password that its owner chose becomes that of the first account', async () => {
  using place = new Place();
  place.write('keys/admin.password', 'correct horse\n');
  kept(await place.init(), 'admin.password');
  const { code, stdout } = await place.init();
  expect(code).toBe(0);
  expect(stdout).not.toContain('Warning');
});

test('everything but the private keys can be lost and is made again', async () => {
  using place = new Place();
  await place.init();
  const keys = ['transport.pem', 'signing.pem', 'curve.key', 'tls-ca.key'].map((name) => place.read('keys', name));
  for (const name of ['transport.pub', 'signing.pub', 'curve.pub', 'tls-ca.crt', 'admin.json', 'invites.json'])
    rmSync(place.at('keys', name));
  rmSync(place.at('nodes'), { recursive: true });
  rmSync(place.at('tls'), { recursive: true });
  const { code } = await place.init();
  expect(code).toBe(0);
  expect(['transport.pem', 'signing.pem', 'curve.key', 'tls-ca.key'].map((name) => place.read('keys', name))).toEqual(
    keys,
  );
  expect(place.names('nodes')).toContain('invite-3');
});

test('folders that lie deep are made, and the ones on the way can be passed through', async () => {
  using place = new Place();
  const settings = { keys_dir: place.at('a/b/keys'), tls_dir: place.at('a/b/tls'), nodes_dir: place.at('a/c/nodes') };
  expect((await place.init({ settings })).code).toBe(0);
  expect([place.mode('a'), place.mode('a/b'), place.mode('a/c')]).toEqual(['0755', '0755', '0755']);
  expect([place.mode('a/b/keys'), place.mode('a/c/nodes')]).toEqual(['0700', '0755']);
});
