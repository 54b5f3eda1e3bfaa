import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeAuthorityCertificate, makeServerCertificate } from '@sealcast/init/certificate';
import { lifetimeWarning } from '@sealcast/init/lifetime';

const dayMs = 24 * 60 * 60 * 1000;
const made = new Date('2026-11-22T12:00:00Z');
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = await makeAuthorityCertificate(key, made);
const server = new X509Certificate(await makeServerCertificate({ pem, key }, key, ['localhost'], made));

function after(days: number): Date {
  return new Date(made.getTime() + days * dayMs);
}

test('a certificate is good from the day before it was made, for clocks that are behind', () => {
  expect(server.validFromDate).toEqual(after(-1));
});

test('a server certificate is good for 800 days, which every browser takes', () => {
  expect(server.validToDate).toEqual(after(800));
});

test('an authority is good for ten years', () => {
  expect(new X509Certificate(pem).validToDate).toEqual(after(3652));
});

test('no server certificate outlives its authority', async () => {
  const late = new X509Certificate(await makeServerCertificate({ pem, key }, key, ['localhost'], after(3600)));
  expect(late.validToDate).toEqual(new X509Certificate(pem).validToDate);
});

test.each([
  [-2, 'is not valid before 2026-11-21'],
  [0, 'nothing'],
  [769, 'nothing'],
  [770, 'expires on 2029-01-30, in 30 days'],
  [798.5, 'expires on 2029-01-30, in 1 day'],
  [800, 'has expired on 2029-01-30'],
  [900, 'has expired on 2029-01-30'],
])('%d days after it was made, the warning is: %s', (days, warning) => {
  const said = lifetimeWarning(server, after(days));
  expect(said ?? 'nothing').toMatch(warning);
});
