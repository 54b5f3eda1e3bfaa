import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Invite } from '@sealcast/channel/invite';
import {
  checkMechanism,
  checkTransportKey,
  findMaster,
  keepMaster,
  takeTransportKey,
} from '@sealcast/node/master-file';
import { StartError } from '@sealcast/runtime/run';
import { expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

function newKey(modulusLength = 2048, publicExponent = 65_537) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return {
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    pem: publicKey.export({ type: 'spki', format: 'pem' }),
  };
}

const [pinned, newer, strange] = [newKey(), newKey(), newKey()];

function invite(changes: Partial<Invite> = {}): Invite {
  return {
    host: 'master.lan',
    data: [1, 2],
    join: [3, 4],
    mechanism: 'curve',
    rsa: pinned.spki,
    signing: Buffer.alloc(32, 5),
    curve: Buffer.alloc(32, 6),
    code: Buffer.alloc(16, 7),
    expires: 1,
    ...changes,
  };
}

function keptIn(state: StateFolder) {
  return findMaster(state.path, undefined);
}

test('a newer RSA key is kept in the place of the pinned one, and stays after restarts with the same invite and without', () => {
  using state = new StateFolder();
  const first = findMaster(state.path, invite());
  keepMaster(state.path, invite(), first.rsa);
  expect(takeTransportKey(first, newer.spki)).toBe(true);
  keepMaster(state.path, invite(), first.rsa);
  for (const line of [invite(), undefined]) {
    const found = findMaster(state.path, line);
    expect(newer.spki.equals(found.rsa)).toBe(true);
    expect(found).toMatchObject({ code: undefined, signing: Buffer.alloc(32, 5), mechanism: 'curve' });
    keepMaster(state.path, line, found.rsa);
  }
  expect(newer.spki.equals(keptIn(state).rsa)).toBe(true);
});

test('a node that was started without an invite keeps a newer RSA key too', () => {
  using state = new StateFolder();
  keepMaster(state.path, invite());
  const found = keptIn(state);
  takeTransportKey(found, newer.spki);
  keepMaster(state.path, undefined, found.rsa);
  expect(newer.spki.equals(keptIn(state).rsa)).toBe(true);
  expect(findMaster(state.path, invite()).code).toBeUndefined();
});

test('a WELCOME without a key changes nothing', () => {
  using state = new StateFolder();
  const found = findMaster(state.path, invite());
  expect(takeTransportKey(found, undefined)).toBe(false);
  expect(found.rsa).toEqual(pinned.spki);
});

test.each([
  ['noise', Buffer.alloc(294, 1)],
  ['a key of 3072 bits', newKey(3072).spki],
  ['a key with another exponent', newKey(2048, 3).spki],
  ['a key with a byte behind it', Buffer.concat([newer.spki, Buffer.alloc(1)])],
])('a WELCOME with %s in the place of a key leaves the one that is there', (_, rsa) => {
  using state = new StateFolder();
  const found = findMaster(state.path, invite());
  expect(() => takeTransportKey(found, rsa)).toThrow('a new RSA key that is none');
  expect(found.rsa).toEqual(pinned.spki);
});

test('a key on disk that is none stops the node', () => {
  using state = new StateFolder();
  keepMaster(state.path, invite(), Buffer.alloc(294, 1));
  expect(() => keptIn(state)).toThrow(StartError);
});

test('once the node has joined, another key in mq_transport_pub_key is told and stops nothing: the older, and one yet to come', () => {
  using state = new StateFolder();
  keepMaster(state.path, invite(), newer.spki);
  const pem = join(state.path, 'transport.pub');
  const check = (key: { pem: string | Buffer }) => {
    writeFileSync(pem, key.pem);
    return checkTransportKey(pem, findMaster(state.path, invite()));
  };
  expect(check(newer)).toBeUndefined();
  expect(check(pinned)).toContain('it goes on with that one');
  expect(check(strange)).toContain('it goes on with that one');
  expect(newer.spki.equals(keptIn(state).rsa)).toBe(true);
});

test('with an invite that is yet to be used, another key in mq_transport_pub_key stops the node', () => {
  using state = new StateFolder();
  keepMaster(state.path, invite(), newer.spki);
  const pem = join(state.path, 'transport.pub');
  writeFileSync(pem, strange.pem);
  const found = findMaster(state.path, invite({ code: Buffer.alloc(16, 8) }));
  expect(() => checkTransportKey(pem, found)).toThrow('is not the key that the invite pins');
});

test('a file of several keys is one of them, and none of any other', () => {
  using state = new StateFolder();
  const pem = join(state.path, 'transport.pub');
  writeFileSync(pem, `${newer.pem}${pinned.pem}`);
  const found = findMaster(state.path, invite());
  expect(checkTransportKey(pem, found)).toBeUndefined();
  writeFileSync(pem, `${newer.pem}${strange.pem}`);
  expect(() => checkTransportKey(pem, found)).toThrow('is not the key that the invite pins');
});

test('a file that is no key stops the node with a sentence', () => {
  using state = new StateFolder();
  const pem = join(state.path, 'transport.pub');
  writeFileSync(pem, 'no key');
  keepMaster(state.path, invite());
  expect(() => checkTransportKey(pem, keptIn(state))).toThrow(StartError);
  expect(() => checkTransportKey(pem, keptIn(state))).toThrow('holds no public key that can be read');
});

test('a mechanism that is set and is not the invite’s stops the node, and says both', () => {
  using state = new StateFolder();
  const found = findMaster(state.path, invite());
  expect(() => checkMechanism(undefined, found)).not.toThrow();
  expect(() => checkMechanism('curve', found)).not.toThrow();
  expect(() => checkMechanism('plain', found)).toThrow(
    'mq_mechanism is plain, but this node was told curve by its invite: leave mq_mechanism out, or join with an invite of a master that speaks plain',
  );
});

test('the mechanism of the invite is kept; a file of before there were several means CURVE', () => {
  using state = new StateFolder();
  keepMaster(state.path, invite({ mechanism: 'plain', curve: new Uint8Array(32) }));
  expect(keptIn(state).mechanism).toBe('plain');
  keepMaster(state.path, invite());
  const file = join(state.path, 'master.json');
  const { mechanism: _, ...older } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(older));
  expect(keptIn(state).mechanism).toBe('curve');
});
