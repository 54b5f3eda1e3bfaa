import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemEntropy } from '@sealcast/channel/entropy';
import { fingerprint } from '@sealcast/channel/master-keys';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import { verifyRotate } from '@sealcast/channel/rotate';
import type { UpMessage } from '@sealcast/channel/session';
import { decodeZ85 } from '@sealcast/channel/z85';
import { keepIdentity, type KeptIdentity } from '@sealcast/node/identity-file';
import { Rotation } from '@sealcast/node/rotation';
import { createLog } from '@sealcast/runtime/log';
import { afterEach, expect, test, vi } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { StateFolder } from './state-folder.ts';

const log = createLog('test', 'silent');
const print = fingerprint(Buffer.alloc(32, 7));
const command = 'c'.repeat(32);
const commandRetryMs = 5000;

afterEach(() => vi.useRealTimers());

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

function fileOf(state: StateFolder): string {
  return join(state.path, 'identity.json');
}

function open(state: StateFolder, mechanism?: 'curve' | 'plain' | 'null'): KeptIdentity {
  return keepIdentity(state.path, systemEntropy, mechanism);
}

/** A rotation whose messages can be read. */
function rotationOf(kept: KeptIdentity) {
  const said: UpMessage[] = [];
  const rotation = new Rotation({ kept, fingerprint: print, send: (message) => said.push(message) > 0, log });
  return { rotation, said };
}

/** Whether a master that knows `roster` takes what was said. */
function isTaken(message: UpMessage | undefined, roster: NodeIdentity): boolean {
  if (message?.kind !== 'rotate') throw new Error('no ROTATE was said');
  return verifyRotate(message.body, { id: roster.id, identity: roster.publicKey }, print);
}

test('a file of before there were rotations is read as it is', () => {
  using state = new StateFolder();
  const text = `${JSON.stringify({ id: '0f'.repeat(16), seed: 'a1'.repeat(32), curve: curveKeyPair() })}\n`;
  writeFileSync(fileOf(state), text, { mode: 0o600 });
  const kept = open(state);
  expect(hex(kept.identity.id)).toBe('0f'.repeat(16));
  expect(kept.next).toBeUndefined();
  expect(readFileSync(fileOf(state), 'utf8')).toBe(text);
});

test('the next identity is on disk beside the one that holds before it is said, and after a restart', () => {
  using state = new StateFolder();
  const kept = open(state);
  const old = kept.identity;
  const onDisk: string[] = [];
  const rotation = new Rotation({
    kept,
    fingerprint: print,
    send: () => onDisk.push(readFileSync(fileOf(state), 'utf8')) > 0,
    log,
  });
  void rotation.begin(command);
  rotation.lost();
  expect(onDisk[0]).toContain('"next"');
  const again = open(state);
  expect(hex(again.identity.publicKey)).toBe(hex(old.publicKey));
  expect(hex(again.next?.identity.publicKey)).toBe(hex(kept.next?.identity.publicKey));
  expect(again.next?.command).toBe(command);
  expect(hex(again.next?.identity.id)).toBe(hex(old.id));
  expect(hex(again.next?.identity.publicKey)).not.toBe(hex(old.publicKey));
});

test('both identities sign what is said, for this master and no other', () => {
  using state = new StateFolder();
  const kept = open(state);
  const { rotation, said } = rotationOf(kept);
  void rotation.begin(command);
  rotation.lost();
  expect(isTaken(said[0], kept.identity)).toBe(true);
  const [message] = said;
  if (message?.kind !== 'rotate') throw new Error('no ROTATE was said');
  const roster = { id: kept.identity.id, identity: kept.identity.publicKey };
  expect(() => verifyRotate(message.body, roster, fingerprint(Buffer.alloc(32, 8)))).toThrow('signature.rotate');
});

test('it is said again until the master knows it, and then no more', async () => {
  vi.useFakeTimers();
  using state = new StateFolder();
  const kept = open(state);
  const { rotation, said } = rotationOf(kept);
  const ended = rotation.begin(command);
  vi.advanceTimersByTime(3 * commandRetryMs);
  expect(said).toHaveLength(4);
  rotation.rotated({ identity: kept.next?.identity.publicKey ?? new Uint8Array() });
  vi.advanceTimersByTime(10 * commandRetryMs);
  expect(said).toHaveLength(4);
  expect(await ended).toEqual({ outcome: 'done' });
});

test('without a session nothing is said, and with the next one it is said at once', () => {
  vi.useFakeTimers();
  using state = new StateFolder();
  const { rotation, said } = rotationOf(open(state));
  void rotation.begin(command);
  rotation.lost();
  vi.advanceTimersByTime(10 * commandRetryMs);
  expect(said).toHaveLength(1);
  rotation.live();
  expect(said).toHaveLength(2);
  rotation.lost();
});

test('when the master knows it, the old one is on no file of the node any more', () => {
  using state = new StateFolder();
  const { seed } = JSON.parse((open(state), readFileSync(fileOf(state), 'utf8')));
  const kept = open(state);
  const { rotation } = rotationOf(kept);
  void rotation.begin(command);
  const { next } = JSON.parse(readFileSync(fileOf(state), 'utf8'));
  rotation.rotated({ identity: kept.next?.identity.publicKey ?? new Uint8Array() });
  const text = readFileSync(fileOf(state), 'utf8');
  expect(text).not.toContain(seed);
  expect(JSON.parse(text)).toMatchObject({ seed: next.seed });
  expect(JSON.parse(text)).not.toHaveProperty('next');
  expect(kept.next).toBeUndefined();
  expect(hex(open(state).identity.publicKey)).toBe(hex(kept.identity.publicKey));
});

test('a rotation that a restart cut off goes on, and ends', async () => {
  using state = new StateFolder();
  void rotationOf(open(state)).rotation.begin(command);
  const kept = open(state);
  const old = kept.identity;
  const { rotation, said } = rotationOf(kept);
  expect(rotation.underWay?.command).toBe(command);
  const ended = rotation.underWay?.ended;
  rotation.live();
  expect(isTaken(said[0], old)).toBe(true);
  rotation.rotated({ identity: kept.next?.identity.publicKey ?? new Uint8Array() });
  expect(await ended).toEqual({ outcome: 'done' });
  expect(rotation.underWay).toBeUndefined();
});

test('ROTATED for another identity changes nothing', () => {
  using state = new StateFolder();
  const kept = open(state);
  const { rotation } = rotationOf(kept);
  rotation.rotated({ identity: kept.identity.publicKey });
  void rotation.begin(command);
  const text = readFileSync(fileOf(state), 'utf8');
  rotation.rotated({ identity: Buffer.alloc(32, 1) });
  rotation.rotated({ identity: kept.identity.publicKey });
  rotation.lost();
  expect(readFileSync(fileOf(state), 'utf8')).toBe(text);
  expect(kept.next).toBeDefined();
});

test('a second order while one is under way fails, and leaves the first as it is', async () => {
  using state = new StateFolder();
  const kept = open(state);
  const { rotation } = rotationOf(kept);
  void rotation.begin(command);
  const next = hex(kept.next?.identity.publicKey);
  expect(await rotation.begin('d'.repeat(32))).toEqual({
    outcome: 'failed',
    detail: 'a new identity is being taken already',
  });
  rotation.lost();
  expect(hex(kept.next?.identity.publicKey)).toBe(next);
  expect(kept.next?.command).toBe(command);
});

test('an old identity that can’t be taken off the disk is tried again', async () => {
  using state = new StateFolder();
  const kept = open(state);
  const { rotation } = rotationOf(kept);
  const ended = rotation.begin(command);
  const text = readFileSync(fileOf(state), 'utf8');
  const identity = kept.next?.identity.publicKey ?? new Uint8Array();
  writeFileSync(fileOf(state), 'damaged');
  rotation.rotated({ identity });
  expect(kept.next).toBeDefined();
  writeFileSync(fileOf(state), text);
  rotation.rotated({ identity });
  expect(await ended).toEqual({ outcome: 'done' });
});

test('a start has an instance of its own, which both identities share and no file holds', () => {
  using state = new StateFolder();
  const kept = open(state);
  kept.makeNext(command);
  const instance = hex(kept.identity.instance);
  expect(instance).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(hex(kept.next?.identity.instance)).toBe(instance);
  expect(hex(open(state).identity.instance)).not.toBe(instance);
  expect(readFileSync(fileOf(state), 'utf8')).not.toContain(instance);
});

test('the hop key is what the mechanism makes it', () => {
  using state = new StateFolder();
  const curve = open(state);
  expect(hex(curve.identity.hopKey)).toBe(hex(decodeZ85(curve.curve.publicKey)));
  expect(hex(open(state, 'null').identity.hopKey)).toBe('00'.repeat(32));
  expect(curve.hopSecret).toBeUndefined();
  expect(readFileSync(fileOf(state), 'utf8')).not.toContain('hopSecret');
  const { hopSecret, identity } = open(state, 'plain');
  expect(hopSecret).toHaveLength(32);
  expect(hex(identity.hopKey)).toBe(
    createHash('sha256')
      .update(hopSecret ?? '')
      .digest('hex'),
  );
});

test('a hop secret is made once, when it is needed first, and stays through a rotation', () => {
  using state = new StateFolder();
  const kept = open(state, 'plain');
  const secret = hex(kept.hopSecret);
  kept.makeNext(command);
  expect(hex(kept.next?.identity.hopKey)).toBe(hex(kept.identity.hopKey));
  kept.takeNext();
  expect(hex(open(state, 'plain').hopSecret)).toBe(secret);
});
