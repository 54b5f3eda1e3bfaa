import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeys } from '@sealcast/master/keys';
import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';

const pem = { type: 'pkcs8', format: 'pem' } as const;

function rsaKey(modulusLength = 2048, publicExponent = 65537): { text: string; spki: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return { text: privateKey.export(pem), spki: publicKey.export({ type: 'spki', format: 'der' }) };
}

const curve = curveKeyPair();
const [newest, older, oldest] = [rsaKey(), rsaKey(), rsaKey()];

function folder(extra: Record<string, string> = {}) {
  const path = mkdtempSync(join(tmpdir(), 'sealcast-keys-'));
  const write = (name: string, content: string) => writeFileSync(join(path, name), content, { mode: 0o600 });
  write('transport.pem', newest.text);
  write('signing.pem', generateKeyPairSync('ed25519').privateKey.export(pem));
  write('curve.key', curve.secretKey);
  write('curve.pub', curve.publicKey);
  for (const [name, content] of Object.entries(extra)) write(name, content);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const spkis = (path: string, transportPem?: string) =>
  readKeys(path, transportPem).master.rsa.map(({ rsaSpki }) => Buffer.from(rsaSpki).toString('hex'));
const hex = (...keys: { spki: Buffer }[]) => keys.map(({ spki }) => spki.toString('hex'));

test('without older RSA keys there is the newest alone', () => {
  using keys = folder();
  expect(spkis(keys.path)).toEqual(hex(newest));
});

test('older RSA keys are taken too, the newest first, by number and not by letter', () => {
  using keys = folder({ 'transport-old-2.pem': oldest.text, 'transport-old-10.pem': older.text });
  expect(spkis(keys.path)).toEqual(hex(newest, older, oldest));
});

test('an older RSA key is taken also where the newest lies elsewhere', () => {
  using keys = folder({ 'elsewhere.pem': newest.text, 'transport-old-1.pem': older.text });
  expect(spkis(keys.path, join(keys.path, 'elsewhere.pem'))).toEqual(hex(newest, older));
});

test('other names are no older RSA keys', () => {
  const names = ['transport-old-0.pem', 'transport-old-.pem', 'transport-old-1.pem.bak', 'transport-old-x.pem'];
  using keys = folder(Object.fromEntries(names.map((name) => [name, older.text])));
  expect(spkis(keys.path)).toEqual(hex(newest));
});

test('the public half belongs to the newest', () => {
  using keys = folder({ 'transport-old-1.pem': older.text });
  writeFileSync(
    join(keys.path, 'transport.pub'),
    `-----BEGIN PUBLIC KEY-----\n${older.spki.toString('base64')}\n-----END PUBLIC KEY-----\n`,
  );
  expect(() => readKeys(keys.path)).toThrow('transport.pem: is not the private half of');
});

test.for([
  ['of another length', () => rsaKey(3072).text],
  ['with another exponent', () => rsaKey(2048, 3).text],
  ['of another kind', () => generateKeyPairSync('ed25519').privateKey.export(pem)],
  ['damaged', () => 'not a key'],
] satisfies [string, () => string][])('an older RSA key that is %s ends the start, and is named', ([, make]) => {
  using keys = folder({ 'transport-old-1.pem': make() });
  expect(() => readKeys(keys.path)).toThrow(join(keys.path, 'transport-old-1.pem'));
});

test('an older RSA key that others can read ends the start, with every other fault', () => {
  using keys = folder({ 'transport-old-1.pem': older.text, 'transport-old-2.pem': 'not a key', 'curve.key': 'short' });
  chmodSync(join(keys.path, 'transport-old-1.pem'), 0o640);
  expect(() => readKeys(keys.path)).toThrow(
    /transport-old-2\.pem: [^]*transport-old-1\.pem: others can read it \(mode 640\)[^]*curve\.key: /,
  );
});
