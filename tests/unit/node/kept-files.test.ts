import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEntropy } from '@sealcast/channel/entropy';
import type { Invite } from '@sealcast/channel/invite';
import { keepIdentity } from '@sealcast/node/identity-file';
import { checkTransportKey, type Elsewhere, findMaster, keepMaster } from '@sealcast/node/master-file';
import { privateFolder } from '@sealcast/runtime/private-file';
import { expect, test } from 'vitest';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;

function invite(code: number, host = 'master.lan'): Invite {
  return {
    host,
    data: [1, 2],
    join: [3, 4],
    mechanism: 'curve',
    rsa: rsa.export({ type: 'spki', format: 'der' }),
    signing: Buffer.alloc(32, 5),
    curve: Buffer.alloc(32, 6),
    code: Buffer.alloc(16, code),
    expires: 1,
  };
}

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'sealcast-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('an identity is made once, and is the same ever after', () => {
  using state = folder();
  const made = keepIdentity(state.path, systemEntropy);
  const kept = keepIdentity(state.path, systemEntropy);
  expect(Buffer.from(kept.identity.id)).toEqual(Buffer.from(made.identity.id));
  expect(Buffer.from(kept.identity.publicKey)).toEqual(Buffer.from(made.identity.publicKey));
  expect(kept.curve).toEqual(made.curve);
});

test('an identity that others could read is closed to them', () => {
  using state = folder();
  keepIdentity(state.path, systemEntropy);
  const file = join(state.path, 'identity.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o644);
  keepIdentity(state.path, systemEntropy);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a damaged identity stops the node, is not replaced, and is not shown', () => {
  using state = folder();
  const file = join(state.path, 'identity.json');
  writeFileSync(file, '{"seed":"5ec4e7', { mode: 0o600 });
  const attempt = () => keepIdentity(state.path, systemEntropy);
  expect(attempt).toThrow('is damaged');
  expect(attempt).not.toThrow('5ec4e7');
  expect(readFileSync(file, 'utf8')).toBe('{"seed":"5ec4e7');
});

test('without an invite a node that has not joined says what it needs', () => {
  using state = folder();
  expect(() => findMaster(state.path, undefined)).toThrow('set mq_invite_code');
});

test('an invite is used until it is spent, and its code is not kept', () => {
  using state = folder();
  const first = invite(7);
  expect(findMaster(state.path, first).code).toEqual(first.code);
  keepMaster(state.path, first);
  expect(findMaster(state.path, first).code).toBeUndefined();
  const text = readFileSync(join(state.path, 'master.json'), 'utf8');
  expect(text).not.toContain(Buffer.from(first.code).toString('hex'));
  expect(text).not.toContain(Buffer.from(first.code).toString('base64'));
});

test('a node that has joined needs no invite any more', () => {
  using state = folder();
  keepMaster(state.path, invite(7));
  expect(findMaster(state.path, undefined)).toMatchObject({
    host: 'master.lan',
    data: [1, 2],
    join: [3, 4],
  });
});

test('another invite goes before what was kept', () => {
  using state = folder();
  keepMaster(state.path, invite(7));
  const other = invite(8, 'other.lan');
  expect(findMaster(state.path, other)).toMatchObject({ host: 'other.lan', code: other.code });
});

test('what is set goes before the address in the invite', () => {
  using state = folder();
  const elsewhere: Elsewhere = { host: '10.0.0.1', data: [11, undefined], join: [undefined, 14] };
  expect(findMaster(state.path, invite(7), elsewhere)).toMatchObject({
    host: '10.0.0.1',
    data: [11, 2],
    join: [3, 14],
  });
});

test('a transport key that is not the one in the invite stops the node', () => {
  using state = folder();
  const pem = join(state.path, 'transport.pub');
  writeFileSync(pem, rsa.export({ type: 'spki', format: 'pem' }));
  expect(() => checkTransportKey(pem, invite(7))).not.toThrow();
  writeFileSync(
    pem,
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
  );
  expect(() => checkTransportKey(pem, invite(7))).toThrow('is not the key that the invite pins');
});

test('a state folder that cannot be made stops the node with a sentence', () => {
  using state = folder();
  const file = join(state.path, 'file');
  writeFileSync(file, '');
  expect(() => privateFolder(join(file, 'state'), 'state_dir')).toThrow(/^state_dir: .* can't be this program's own/);
});
