import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, connect, createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Place } from './place.ts';

const place = new Place();

beforeAll(async () => {
  const settings = { init_nodes: '0', tls_names: 'fleet.example.org,*.wild.example.org,192.0.2.5,2001:db8::5' };
  await place.init({ settings });
});
afterAll(() => place[Symbol.dispose]());

/** How a client that trusts `authority` and nobody else greets a server with init's certificate that it knows as `name`. */
async function greet(name: string, authority = place.read('nodes', 'tls-ca.crt')): Promise<string> {
  const server = createServer({ cert: place.read('tls', 'tls.crt'), key: place.read('tls', 'tls.key') });
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ca: authority,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  });
  try {
    await once(client, 'secureConnect');
    return client.authorized ? 'accepted' : 'not authorized';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    client.destroy();
    server.close();
  }
}

test.each(['localhost', '127.0.0.1', '::1', 'fleet.example.org', 'pi.wild.example.org', '192.0.2.5', '2001:db8::5'])(
  'a client that trusts tls-ca.crt accepts the server as %s',
  async (name) => {
    expect(await greet(name)).toBe('accepted');
  },
);

test.each(['example.org', '192.0.2.6', '2001:db8::6'])('it does not accept the server as %s', async (name) => {
  expect(await greet(name)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a client that trusts another authority accepts nothing', async () => {
  using other = new Place();
  await other.init({ settings: { init_nodes: '0' } });
  expect(await greet('localhost', other.read('keys', 'tls-ca.crt'))).not.toBe('accepted');
});

test('openssl verifies the certificate by its strictest rules, for every name', () => {
  const verify = 'verify -x509_strict -purpose sslserver -CAfile nodes/tls-ca.crt';
  for (const name of [
    '-verify_hostname fleet.example.org',
    '-verify_hostname localhost',
    '-verify_ip 192.0.2.5',
    '-verify_ip ::1',
  ])
    expect(place.openssl(`${verify} ${name} tls/tls.crt`)).toBe('tls/tls.crt: OK\n');
});

test('the certificate is for servers and signs nothing', () => {
  expect(() => place.openssl('verify -purpose sslclient -CAfile nodes/tls-ca.crt tls/tls.crt')).toThrow(
    'verification failed',
  );
  const text = place.openssl('x509 -in tls/tls.crt -noout -ext basicConstraints,keyUsage,extendedKeyUsage');
  expect(text.replaceAll(/\s+/g, ' ')).toBe(
    'X509v3 Basic Constraints: critical CA:FALSE X509v3 Key Usage: critical Digital Signature X509v3 Extended Key Usage: TLS Web Server Authentication ',
  );
});

test('the authority signs certificates, and no further authorities', () => {
  const text = place.openssl('x509 -in keys/tls-ca.crt -noout -ext basicConstraints,keyUsage');
  expect(text.replaceAll(/\s+/g, ' ')).toBe(
    'X509v3 Basic Constraints: critical CA:TRUE, pathlen:0 X509v3 Key Usage: critical Certificate Sign, CRL Sign ',
  );
});

test('the authority follows the certificate in the same file', () => {
  expect(place.read('tls', 'tls.crt').endsWith(place.read('keys', 'tls-ca.crt'))).toBe(true);
});

test('a certificate that is renewed is signed by the same authority', async () => {
  const before = place.read('tls', 'tls.crt');
  rmSync(place.at('tls/tls.crt'));
  rmSync(place.at('tls/tls.key'));
  await place.init({ settings: { init_nodes: '0', tls_names: 'new.example.org' } });
  expect(place.read('tls', 'tls.crt')).not.toBe(before);
  expect(await greet('new.example.org')).toBe('accepted');
});

test.each([
  ['RSA', 'genrsa -out keys/tls-ca.key 2048'],
  ['P-384', 'ecparam -name secp384r1 -genkey -out keys/tls-ca.key'],
])("a certificate signed with somebody's own authority of the kind %s is accepted", async (_, makeKey) => {
  using own = new Place();
  own.write('keys/tls-ca.key', '');
  own.openssl(makeKey);
  own.openssl(
    'req -x509 -new -key keys/tls-ca.key -subj /CN=Own -addext keyUsage=critical,keyCertSign -days 400 -out keys/tls-ca.crt',
  );
  const { code, stdout } = await own.init({ settings: { init_nodes: '0' } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/tls-ca.key .* kept /);
  expect(own.openssl('verify -x509_strict -CAfile nodes/tls-ca.crt -verify_hostname localhost tls/tls.crt')).toBe(
    'tls/tls.crt: OK\n',
  );
});
