import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesIn, inVolume, type FoundFile } from './docker.ts';
import { compose, freePlace, takeDown, type Place } from './stack.ts';

let place: Place;
let said = '';
let before: Record<string, FoundFile[]> = {};

async function lookAround(): Promise<Record<string, FoundFile[]>> {
  const [keys = [], tls = [], nodes = []] = await Promise.all(
    ['keys', 'tls', 'nodes'].map(async (name) => await filesIn(`${place.project}_${name}`)),
  );
  return { keys, tls, nodes };
}

const named = (files: FoundFile[] = []): string[] => files.map(({ path, mode, owner }) => `${path} ${mode} ${owner}`);

beforeAll(async () => {
  place = await freePlace();
  await compose(place, 'build', 'init');
  said = await compose(place, 'run', '--rm', 'init');
  before = await lookAround();
});
afterAll(async () => await takeDown(place));

test('the keys are for their owner alone', async () => {
  expect(named(before.keys)).toEqual([
    'admin.json 600 36500:36500',
    'admin.password 600 36500:36500',
    'curve.key 600 36500:36500',
    'curve.pub 600 36500:36500',
    'invites.json 600 36500:36500',
    'metrics.token 600 36500:36500',
    'signing.pem 600 36500:36500',
    'signing.pub 600 36500:36500',
    'tls-ca.crt 600 36500:36500',
    'tls-ca.key 600 36500:36500',
    'transport.pem 600 36500:36500',
    'transport.pub 600 36500:36500',
  ]);
  expect(await inVolume(`${place.project}_keys`, 'stat -c "%a %u:%g" /v')).toBe('700 36500:36500\n');
});

test("the page's certificate and key are for their owner alone", async () => {
  expect(named(before.tls)).toEqual(['tls.crt 600 36500:36500', 'tls.key 600 36500:36500']);
  expect(await inVolume(`${place.project}_tls`, 'stat -c "%a %u:%g" /v')).toBe('700 36500:36500\n');
});

test('nodes are given public keys and invites, and no private key', async () => {
  expect(named(before.nodes)).toEqual([
    'curve.pub 644 36500:36500',
    'invite-1 600 36500:36500',
    'invite-2 600 36500:36500',
    'invite-3 600 36500:36500',
    'signing.pub 644 36500:36500',
    'tls-ca.crt 644 36500:36500',
    'transport.pub 644 36500:36500',
  ]);
  const everything = await inVolume(`${place.project}_nodes`, 'cat /v/*');
  expect(everything).toContain('PUBLIC KEY');
  expect(everything).not.toContain('PRIVATE KEY');
  const curveKey = (await inVolume(`${place.project}_keys`, 'cat /v/curve.key')).trim();
  expect(curveKey).toHaveLength(40);
  expect(everything).not.toContain(curveKey);
});

test('nothing that is secret is said', async () => {
  expect(said).not.toBe('');
  for (const [volume, file] of [
    ['keys', 'admin.password'],
    ['keys', 'curve.key'],
    ['nodes', 'invite-1'],
  ])
    expect(said).not.toContain((await inVolume(`${place.project}_${volume}`, `cat /v/${file}`)).trim());
});

test('a second run changes nothing', async () => {
  await compose(place, 'run', '--rm', 'init');
  expect(await lookAround()).toEqual(before);
});

test('a wrong setting stops init with every fault named', async () => {
  const wrong = { ...place, settings: { ...place.settings, init_nodes: 'many', mq_public_host: 'not a host' } };
  const run = compose(wrong, 'run', '--rm', 'init');
  await expect(run).rejects.toThrow(/init_nodes/);
  await expect(run).rejects.toThrow(/mq_public_host/);
  expect(await lookAround()).toEqual(before);
});
