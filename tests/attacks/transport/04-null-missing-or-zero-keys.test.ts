// The attacker has once had his hands on a disk, or an operator has made a mistake: a key is missing, empty, of another kind or all
// zero. libzmq would go on without CURVE, or under a secret that everybody knows. So each process says what is wrong, and does not run.
import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatLine } from '@sealcast/channel/checked-line';
import { formatHop } from '@sealcast/channel/hop-line';
import { type Invite, parseInvite } from '@sealcast/channel/invite';
import { encodeZ85 } from '@sealcast/channel/z85';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { ServiceProcess } from '../../stack/service-process.ts';

const zero = encodeZ85(Buffer.alloc(32));
const pem = { type: 'pkcs8', format: 'pem' } as const;

let folder: string;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealcast-'));
  const { code, text } = await startOf('init', {
    ...initFolders(folder),
    mq_public_host: '127.0.0.1',
    init_nodes: '1',
  });
  if (code !== 0) throw new Error(`init failed:\n${text}`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function initFolders(at: string): Record<string, string> {
  return { keys_dir: join(at, 'keys'), tls_dir: join(at, 'tls'), nodes_dir: join(at, 'nodes') };
}

/** A folder with what init made. */
async function copy(): Promise<string> {
  made += 1;
  const path = join(folder, `copy-${made}`);
  for (const part of ['keys', 'tls', 'nodes']) await cp(join(folder, part), join(path, part), { recursive: true });
  return path;
}

async function startOf(name: 'init' | 'master' | 'node' | 'relay', env: Record<string, string>) {
  await using service = new ServiceProcess(name, env);
  return { code: await service.exited, text: service.text };
}

function refusal(name: string, reason: string) {
  return {
    code: 1,
    text: expect.stringMatching(new RegExp(`^sealcast ${name} can't start:[^]*${RegExp.escape(reason)}`)),
  };
}

function base64(raw: Uint8Array): string {
  return Buffer.from(raw).toString('base64');
}

const otherKind = (): string => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem);

// Undefined: the file is missing.
const masterKeys: [string, string, () => string | undefined, string][] = [
  ['missing', 'curve.key', () => undefined, 'curve.key: ENOENT'],
  ['empty', 'curve.key', () => '', 'curve.key: is not a CURVE key'],
  ['all zero', 'curve.key', () => zero, 'curve.key: is not a CURVE key: 40 characters of Z85, not all zero'],
  ['too short', 'curve.key', () => encodeZ85(Buffer.alloc(28, 7)), 'curve.key: is not a CURVE key'],
  ['another', 'curve.key', () => curveKeyPair().secretKey, 'curve.pub: is not the public half of'],
  ['all zero', 'curve.pub', () => zero, 'curve.pub: is not a CURVE key'],
  ['missing', 'signing.pem', () => undefined, 'signing.pem: ENOENT'],
  ['empty', 'signing.pem', () => '', 'signing.pem: '],
  ['of another kind', 'signing.pem', otherKind, 'signing.pem: is not an Ed25519 key'],
  ['missing', 'transport.pem', () => undefined, 'transport.pem: ENOENT'],
  ['of another kind', 'transport.pem', otherKind, 'transport.pem: is not an RSA key'],
];

// All at once: each is a whole process, of which most of the time is its start.
describe.concurrent('a process whose keys are missing, empty, all zero or of another kind refuses to start', () => {
  test.each(masterKeys)('a master whose key is %s: %s', async (_, file, key, reason) => {
    const path = await copy();
    const content = key();
    if (content === undefined) await rm(join(path, 'keys', file));
    else await writeFile(join(path, 'keys', file), content, { mode: 0o600 });
    expect(await startOf('master', { keys_dir: join(path, 'keys'), data_dir: join(path, 'data') })).toEqual(
      refusal('master', reason),
    );
  });

  test('init, which would put the public half into invites', async () => {
    const path = await copy();
    await writeFile(join(path, 'keys', 'curve.key'), zero, { mode: 0o600 });
    await using init = new ServiceProcess('init', initFolders(path));
    expect(await init.exited).toBe(1);
    expect(init.text).toContain('holds no CURVE key');
  });

  const half = curveKeyPair();
  test.each([
    ['all zero', { publicKey: zero, secretKey: zero }],
    ['public and no secret', { ...half, secretKey: zero }],
    ['secret and of another public one', { ...half, publicKey: curveKeyPair().publicKey }],
    ['40 characters of nothing', { publicKey: '"'.repeat(40), secretKey: '"'.repeat(40) }],
  ])('a relay whose key is %s, on either side', async (_, wrong) => {
    for (const side of ['down', 'up']) {
      const path = await copy();
      const keys = { down: curveKeyPair(), up: curveKeyPair(), [side]: wrong };
      await writeFile(join(path, 'relay.json'), JSON.stringify(keys), { mode: 0o600 });
      const upstream = { host: '127.0.0.1', data: [1, 2], join: [3, 4], curve: Buffer.alloc(32, 7) } as const;
      const line = formatHop({ ...upstream, data: [...upstream.data], join: [...upstream.join] });
      const env = { mq_upstream: line, mq_public_host: '127.0.0.1', relay_dir: path };
      expect(await startOf('relay', env)).toEqual(refusal('relay', 'relay.json is damaged: put its backup back'));
    }
  });

  test.each([
    ['whose CURVE pair is all zero', { curve: { publicKey: zero, secretKey: zero } }],
    ['whose CURVE secret is all zero', { curve: { ...half, secretKey: zero } }],
    ['whose CURVE keys are of two pairs', { curve: { ...half, secretKey: curveKeyPair().secretKey } }],
    ['whose identity is all zero', { seed: '0'.repeat(64) }],
    ['whose id is all zero', { id: '0'.repeat(32) }],
    ['whose hop secret is all zero', { hopSecret: '0'.repeat(64) }],
  ])('a node %s', async (_, wrong) => {
    const path = await copy();
    const honest = { id: '1'.repeat(32), seed: '2'.repeat(64), curve: curveKeyPair() };
    await writeFile(join(path, 'identity.json'), JSON.stringify({ ...honest, ...wrong }), { mode: 0o600 });
    const env = { mq_invite_code: join(path, 'nodes', 'invite-1'), state_dir: path };
    expect(await startOf('node', env)).toEqual(refusal('node', 'identity.json is damaged: put its backup back'));
  });

  test('a node whose invite names no CURVE key of a master, and one that kept none', async () => {
    const path = await copy();
    const invite = parseInvite(await readFile(join(path, 'nodes', 'invite-1'), 'utf8'));
    const forged = formatLine(
      'sealcast1:',
      v.custom<Invite>(() => true),
      { ...invite, curve: new Uint8Array(32) },
    );
    const env = { mq_invite_code: forged, state_dir: join(path, 'state') };
    expect(await startOf('node', env)).toEqual(refusal('node', 'mq_invite_code is not an invite, or a damaged one'));
    const { host, data, join: joinPorts, mechanism } = invite;
    const keys = { rsa: base64(invite.rsa), signing: base64(invite.signing), curve: base64(new Uint8Array(32)) };
    const kept = JSON.stringify({ host, data, join: joinPorts, mechanism, ...keys, spentInvite: '' });
    await writeFile(join(path, 'master.json'), kept, { mode: 0o600 });
    expect(await startOf('node', { state_dir: path })).toEqual(
      refusal('node', 'master.json is damaged: delete it and join again'),
    );
  });
});
