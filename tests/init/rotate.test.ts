import { createPublicKey } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Place } from './place.ts';

function spki(pem: string): Buffer {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' });
}

test('rotate makes a new join key and keeps the one before under another name', async () => {
  using place = new Place();
  await place.init();
  const before = place.read('keys/transport.pem');
  const run = await place.init({ args: ['rotate'] });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(place.read('keys/transport-old-1.pem')).toBe(before);
  expect(place.mode('keys/transport-old-1.pem')).toBe('0600');
  const after = place.read('keys/transport.pem');
  expect(after).not.toBe(before);
  expect(place.mode('keys/transport.pem')).toBe('0600');
  for (const name of ['keys/transport.pub', 'nodes/transport.pub']) expect(spki(place.read(name))).toEqual(spki(after));
  expect(run.stdout).not.toContain('PRIVATE KEY');
});

test('each rotation gives the older keys ascending numbers, also where one was deleted', async () => {
  using place = new Place();
  await place.init();
  const keys = [place.read('keys/transport.pem')];
  for (let round = 0; round < 2; round++) {
    await place.init({ args: ['rotate'] });
    keys.push(place.read('keys/transport.pem'));
  }
  rmSync(place.at('keys/transport-old-1.pem'));
  await place.init({ args: ['rotate'] });
  expect(place.names('keys').filter((name) => name.startsWith('transport-old'))).toEqual([
    'transport-old-2.pem',
    'transport-old-3.pem',
  ]);
  expect(place.read('keys/transport-old-3.pem')).toBe(keys[2]);
});

test('init keeps the older keys, mends their modes, and takes invites that pin one of them for good', async () => {
  using place = new Place();
  await place.init();
  await place.init({ args: ['rotate'] });
  chmodSync(place.at('keys/transport-old-1.pem'), 0o644);
  const run = await place.init();
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(/^ {2}transport-old-1\.pem .* mended +0600/m);
  expect(run.stdout).not.toContain('made for other keys');
  expect(place.mode('keys/transport-old-1.pem')).toBe('0600');
});

test('an older key that is damaged is a fault of init, and of rotate', async () => {
  using place = new Place();
  await place.init();
  place.write('keys/transport-old-1.pem', 'nothing');
  const before = place.snapshot();
  const run = await place.init();
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('transport-old-1.pem');
  expect(place.snapshot()).toEqual(before);
});

test('an older key does not lie where nodes can read it', async () => {
  using place = new Place();
  await place.init();
  place.write('nodes/transport-old-1.pem', 'x');
  const run = await place.init();
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('is private and lies where every node can read it');
});

test('rotate says to run init first where there is no key, and makes nothing', async () => {
  using place = new Place();
  const run = await place.init({ args: ['rotate'] });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('Run init first.');
  expect(place.names('.')).toEqual([]);
});

test('init writes public halves anew that a rotation which was cut short has left out', async () => {
  using place = new Place();
  await place.init();
  await place.init({ args: ['rotate'] });
  for (const name of ['keys/transport.pub', 'nodes/transport.pub']) rmSync(place.at(name));
  expect(await place.init()).toMatchObject({ code: 0 });
  for (const name of ['keys/transport.pub', 'nodes/transport.pub'])
    expect(spki(place.read(name))).toEqual(spki(place.read('keys/transport.pem')));
});

test('nodes find every key there that an open invite may pin, the newest first', async () => {
  using place = new Place();
  await place.init();
  const keys = [place.read('keys/transport.pub')];
  for (let round = 0; round < 2; round++) {
    await place.init({ args: ['rotate'] });
    keys.unshift(place.read('keys/transport.pub'));
  }
  expect(place.read('nodes/transport.pub')).toBe(keys.join(''));
  expect(await place.init()).toMatchObject({ code: 0, stderr: '' });
  expect(place.read('nodes/transport.pub')).toBe(keys.join(''));
});
