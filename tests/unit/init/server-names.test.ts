import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { namesIn, namesMissing, serverNames } from '@sealcast/init/server-names';
import { initSettings } from '@sealcast/init/settings';

function settings(env: Record<string, string> = {}) {
  return initSettings(env);
}

function certificateFor(...names: string[]): X509Certificate {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null';
  const subject = `-subj /CN=elsewhere.example.org -addext subjectAltName=${names.join(',')}`;
  const pem = execFileSync('openssl', `req -x509 -days 10 ${key} ${subject}`.split(' '), {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new X509Certificate(pem);
}

test('a certificate is good for this machine whatever is set', () => {
  expect(serverNames(settings(), 'pi')).toEqual(['localhost', 'pi', '127.0.0.1', '::1']);
});

test('the names and addresses that are asked for follow, and where nodes find the master', () => {
  const asked = settings({ tls_names: 'Fleet.Example.org, 192.168.1.5,2001:DB8:0::1', mq_public_host: 'master.lan' });
  expect(serverNames(asked, 'pi')).toEqual([
    'localhost',
    'pi',
    'master.lan',
    'fleet.example.org',
    '192.168.1.5',
    '2001:db8::1',
    '127.0.0.1',
    '::1',
  ]);
});

test('a name that is given twice stands there once', () => {
  const twice = settings({ tls_names: 'PI,pi,0:0:0:0:0:0:0:1', mq_public_host: '127.0.0.1' });
  expect(serverNames(twice, 'pi')).toEqual(['localhost', 'pi', '127.0.0.1', '::1']);
});

test.each(['0123456789ab', '', 'not a name', '-x', '(none)'])(
  'the made-up machine name "%s" is left out',
  (machine) => {
    expect(serverNames(settings(), machine)).toEqual(['localhost', '127.0.0.1', '::1']);
  },
);

test('the names of a certificate are read in their shortest form', () => {
  expect(namesIn(certificateFor('DNS:Fleet.example.org', 'IP:::1', 'IP:10.0.0.1'))).toEqual([
    'fleet.example.org',
    '::1',
    '10.0.0.1',
  ]);
});

test('the names that a certificate lacks are told', () => {
  const certificate = certificateFor('DNS:fleet.example.org', 'IP:::1', 'IP:10.0.0.1');
  const wanted = ['FLEET.example.org', '0:0:0:0:0:0:0:1', '10.0.0.1', 'other.example.org', '10.0.0.2', '*.example.org'];
  expect(namesMissing(certificate, wanted)).toEqual(['other.example.org', '10.0.0.2', '*.example.org']);
});

test('a wildcard covers one level', () => {
  const certificate = certificateFor('DNS:*.example.org');
  expect(namesMissing(certificate, ['a.example.org', '*.example.org', 'a.b.example.org', 'example.org'])).toEqual([
    'a.b.example.org',
    'example.org',
  ]);
});

test('the common name of a certificate does not count', () => {
  expect(namesMissing(certificateFor('DNS:fleet.example.org'), ['elsewhere.example.org'])).toEqual([
    'elsewhere.example.org',
  ]);
});
