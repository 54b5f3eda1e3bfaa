import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCertificate } from '../../services/init/src/authority.ts';
import { makeAuthorityCertificate } from '../../services/init/src/certificate.ts';
import { curvePair } from '../../services/init/src/curve-pair.ts';
import { Complaint } from '../../services/init/src/findings.ts';
import { isPassword, hashPassword, readHash } from '../../services/init/src/password.ts';
import { readPrivatePem, readPublicPem } from '../../services/init/src/pem.ts';
import { signingPair } from '../../services/init/src/signing-pair.ts';
import { transportPair } from '../../services/init/src/transport-pair.ts';
import { readKeys } from '../../services/master/src/keys.ts';
import { StartError } from '../../services/runtime/src/run.ts';
import { StateFolder } from '../unit/node/state-folder.ts';
import { fuzz } from './fuzz.ts';
import { carryOut, type Plan, plans } from './mutation.ts';
import { checkNotEchoed } from './verdict.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signing = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const curveSecret = curvePair.make();
const curvePublic = curvePair.writePublic(curvePair.publicOf(curveSecret));

const pkcs8 = (key: KeyObject) => Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
const spki = (key: KeyObject) => Buffer.from(key.export({ type: 'spki', format: 'pem' }));
const files = [
  pkcs8(rsa.privateKey),
  pkcs8(signing.privateKey),
  Buffer.from(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' })),
  Buffer.from(other.privateKey.export({ type: 'sec1', format: 'pem' })),
  spki(rsa.publicKey),
  spki(signing.publicKey),
  Buffer.from(await makeAuthorityCertificate(other.privateKey, new Date())),
  curveSecret,
  curvePublic,
];

/** The label of a PEM file with other DER in it, so that not only its letters are wrong. */
function changedPem(plan: Plan): Buffer {
  const file = files[plan.of % files.length]!.toString('latin1');
  const [, label, body] = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END/.exec(file) ?? [];
  if (label === undefined || body === undefined) return carryOut(plan, files);
  const der = carryOut({ ...plan, of: 0 }, [Buffer.from(body, 'base64')]);
  const lines = der.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return Buffer.from(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`);
}

const readers = [
  readPrivatePem,
  readPublicPem,
  readCertificate,
  (bytes: Buffer) => signingPair.publicOf(bytes),
  (bytes: Buffer) => signingPair.readPublic(bytes),
  (bytes: Buffer) => transportPair.publicOf(bytes),
  (bytes: Buffer) => transportPair.readPublic(bytes),
  (bytes: Buffer) => curvePair.publicOf(bytes),
  (bytes: Buffer) => curvePair.readPublic(bytes),
];

/** Which reader takes which file as it is. */
const readable = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 4],
  [1, 5],
  [2, 6],
  [3, 1],
  [4, 5],
  [5, 0],
  [6, 4],
  [7, 7],
  [8, 8],
] as const;

it('a key file of any bytes is read, or a complaint says what to do and quotes nothing of it', async () => {
  const outcomes = await fuzz('key files of init', () => ({
    inputs: fc.record({ plan: plans, pem: fc.boolean(), reader: fc.nat(readers.length - 1) }),
    take({ plan, pem, reader }) {
      const bytes = pem ? changedPem(plan) : carryOut(plan, files);
      try {
        readers[reader]!(bytes);
      } catch (error) {
        assert.ok(error instanceof Complaint, `reader ${reader}: ${String(error)}`);
        assert.ok(error.remedy.length > 0);
        checkNotEchoed(error.message + error.remedy, bytes.toString('latin1'), '-----BEGIN PRIVATE KEY-----');
        return 'complaint';
      }
      return 'read';
    },
    after() {
      for (const [index, file] of readable) readers[index]!(files[file]!);
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['complaint']));
});

const honestHash = hashPassword('correct horse');
const cheapHash = '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI';
const hashes = fc.oneof(
  fc.constantFrom(honestHash, cheapHash),
  plans.map((plan) => carryOut(plan, [Buffer.from(honestHash), Buffer.from(cheapHash)]).toString('utf8')),
  fc
    .record({
      m: fc.nat(2000),
      t: fc.integer({ min: 1, max: 3 }),
      p: fc.integer({ min: 1, max: 4 }),
      salt: fc.base64String({ minLength: 8, maxLength: 24 }),
      hash: fc.base64String({ minLength: 20, maxLength: 44 }),
    })
    .map(
      ({ m, t, p, salt, hash }) =>
        `$argon2id$v=19$m=${m},t=${t},p=${p}$${salt.replaceAll('=', '')}$${hash.replaceAll('=', '')}`,
    ),
  fc.string({ unit: 'binary', maxLength: 120 }),
);

it('any text is the hash of a password that can be tried, or none', async () => {
  const outcomes = await fuzz('account and hash of init', () => ({
    inputs: hashes,
    take(text) {
      const hash = readHash(text);
      if (hash === undefined) return 'none';
      assert.ok(hash.passes >= 1 && hash.parallelism >= 1 && hash.memory >= 8 * hash.parallelism);
      // What is dear to try is not tried here.
      if (hash.memory * hash.passes * hash.parallelism < 4096) isPassword('correct horse', hash);
      return 'read';
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['none', 'read']));
});

const names = ['transport.pem', 'transport.pub', 'signing.pem', 'curve.key', 'curve.pub'] as const;
const good: Record<(typeof names)[number], Buffer> = {
  'transport.pem': files[0]!,
  'transport.pub': files[4]!,
  'signing.pem': files[1]!,
  'curve.key': curveSecret,
  'curve.pub': curvePublic,
};

it('a master reads keys that are whole, or stops with every fault named and no secret quoted', async () => {
  const outcomes = await fuzz('keys of the master', () => {
    const folder = new StateFolder();
    mkdirSync(folder.path, { recursive: true });
    const restore = () => {
      for (const name of names) writeFileSync(join(folder.path, name), good[name], { mode: 0o600 });
    };
    restore();
    return {
      inputs: fc.record({ plan: plans, pem: fc.boolean(), name: fc.constantFrom(...names) }),
      take({ plan, pem, name }) {
        const bytes = pem
          ? changedPem({ ...plan, of: files.indexOf(good[name]) })
          : carryOut({ ...plan, of: 0 }, [good[name], ...files]);
        writeFileSync(join(folder.path, name), bytes, { mode: 0o600 });
        try {
          readKeys(folder.path);
        } catch (error) {
          assert.ok(error instanceof StartError, String(error));
          const others = Object.values(good).map((file) => file.toString('latin1'));
          checkNotEchoed(error.message, [bytes.toString('latin1'), ...others].join('\n'));
          return 'stopped';
        } finally {
          restore();
        }
        return 'read';
      },
      after: () => void readKeys(folder.path),
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['stopped']));
});
