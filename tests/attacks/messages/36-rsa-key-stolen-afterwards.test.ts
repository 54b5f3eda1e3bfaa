// The attacker recorded everything from the first byte on, also where CURVE was no hindrance to him, and has stolen every key that
// the master and the node have on disk, later: what he recorded stays closed, but for what HELLO says of a node.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entropy, systemEntropy } from '@sealcast/channel/entropy';
import { parseHop } from '@sealcast/channel/hop-line';
import { decodeZ85 } from '@sealcast/channel/z85';
import { startNode } from '@sealcast/node/node';
import { nodeSettings } from '@sealcast/node/settings';
import { createLog } from '@sealcast/runtime/log';
import { expect, test } from 'vitest';
import type { Admin } from '../../stack/admin.ts';
import { FalseRelay } from '../../stack/false-relay.ts';
import { inviteThrough, type KnownRelay, masterLine, tellOf } from '../../stack/relay-process.ts';
import { Stack } from '../../stack/stack.ts';
import { toBigInt } from '../../twin/bytes.ts';
import { kinds } from '../../twin/envelope.ts';
import { tally } from './far-site.ts';
import { kindName, type Loot, rob } from './theft.ts';
import { TappedHop } from './tapped-hop.ts';

const minute = 60_000;
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const isFrame = (frame: Buffer) => frame.length >= 49 && frame[0] === 1 && frame[1] === 1;
const patient = { timeout: 20_000 };
const portSettings = ['mq_sub_port', 'mq_pub_port', 'mq_join_sub_port', 'mq_join_pub_port'] as const;

/** What is recorded, and what a node is told so that it comes by where that is done. */
interface Ear extends AsyncDisposable {
  env: Record<string, string>;
  frames: () => Uint8Array[];
}

/** CURVE is per hop: where a relay is the attacker's, or broken into, it hides nothing from him. */
async function relayed(admin: Admin): Promise<Ear> {
  let known: KnownRelay | undefined;
  const relay = await FalseRelay.start(parseHop(await masterLine(admin)), async (line) => {
    known = await tellOf(admin, line);
  });
  if (known === undefined) throw new Error('the master was told of no relay');
  return {
    env: { mq_invite_code: await inviteThrough(admin, known, 'greenhouse') },
    frames: () => relay.recorded.map(({ frame }) => Uint8Array.from(frame)),
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

async function tapped(stack: Stack): Promise<Ear> {
  const tap = await TappedHop.before(portSettings.map((name) => Number(stack.ports[name])));
  const ports = portSettings.map((name, index) => [name, String(tap.ports[index])]);
  return {
    env: { mq_invite_code: join(stack.folder, 'nodes', 'invite-1'), ...Object.fromEntries(ports) },
    frames: () =>
      tap
        .frames()
        .filter(isFrame)
        .map((frame) => Uint8Array.from(frame)),
    [Symbol.asyncDispose]: () => tap[Symbol.asyncDispose](),
  };
}

function filesUnder(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

/** Everything of both parties' disks that is, or could be, a key. */
function steal(stack: Stack, state: string): Loot {
  const key = (name: string) => createPrivateKey(readFileSync(join(stack.keys, name)));
  const rsa = key('transport.pem').export({ format: 'jwk' });
  const number = (name: 'n' | 'e' | 'd' | 'p' | 'q') => toBigInt(Buffer.from(String(rsa[name]), 'base64url'));
  const signing = key('signing.pem');
  const { seed, hopSecret, curve } = JSON.parse(readFileSync(join(state, 'identity.json'), 'utf8'));
  const curveKeys = ['curve.key', 'curve.pub'].map((name) => readFileSync(join(stack.keys, name), 'utf8').trim());
  const secrets = [
    ...[curve.secretKey, curve.publicKey, ...curveKeys].map((text: string) => decodeZ85(text)),
    ...[seed, hopSecret].flatMap((digits: string | undefined) =>
      digits === undefined ? [] : [Buffer.from(digits, 'hex')],
    ),
  ];
  return {
    rsa: { n: number('n'), e: number('e'), d: number('d'), p: number('p'), q: number('q') },
    signing: Uint8Array.from(createPublicKey(signing).export({ format: 'raw-public' })),
    signingSeed: Uint8Array.from(signing.export({ format: 'raw-private' })),
    secrets: secrets.map((one) => Uint8Array.from(one)),
  };
}

/** Entropy, and all that was drawn from it: what no disk ever held. */
function watched(): { entropy: Entropy; drawn: Uint8Array[] } {
  const drawn: Uint8Array[] = [];
  const bytes = (length: number) => {
    const fresh = systemEntropy.bytes(length);
    drawn.push(Uint8Array.from(fresh));
    return fresh;
  };
  return { entropy: { ...systemEntropy, bytes }, drawn };
}

const sealed = ['OFFER', 'CONFIRM', 'WELCOME', 'REPORT', 'FACTS', 'RECEIPT', 'ACK', 'COMMAND', 'BROADCAST'];

test.each(['curve', 'plain', 'null'] as const)(
  'whoever records all under %s and steals the RSA key and every other key afterwards reads what HELLO says, and nothing else',
  { timeout: 3 * minute },
  async (mechanism) => {
    await using stack = await Stack.start({ master: { report_interval: '1', mq_mechanism: mechanism } });
    const admin = await stack.signIn();
    await using ear = mechanism === 'curve' ? await relayed(admin) : await tapped(stack);
    const state = join(stack.folder, 'state-robbed');
    const { entropy, drawn } = watched();
    const settings = nodeSettings({ ...ear.env, state_dir: state, node_name: 'greenhouse' });
    const node = startNode(settings, entropy, createLog('node', 'silent'));
    const [view] = await admin.nodesWhen(([one]) => one?.name === 'greenhouse' && one.sample !== null);
    if (view === undefined) throw new Error('no node has joined');
    const kindsThatCame = () => new Set(ear.frames().map(kindName));
    await expect
      .poll(async () => {
        await admin.broadcast('to all: the words of a broadcast');
        return kindsThatCame().has('BROADCAST');
      }, patient)
      .toBe(true);
    const { id } = await admin.broadcast('to one: the words of a command', [view.id]);
    await admin.confirmed(id);
    await node.stop();
    const recorded = ear.frames();
    expect([...kindsThatCame()]).toEqual(expect.arrayContaining(['HELLO', ...sealed, 'LEAVE']));

    const loot = steal(stack, state);
    const { hellos, others, keys } = rob(recorded, loot);
    expect([...others.keys()].map(kindName)).toEqual([]);
    expect(keys).toEqual([]);
    // Exactly this is readable.
    const [hello] = hellos;
    expect(Object.keys(hello ?? {}).toSorted()).toEqual([
      'hopKey',
      'identity',
      'instance',
      'inviteCode',
      'mlkem',
      'nodeId',
      'nodeVersion',
      'random',
      'x25519',
    ]);
    expect(hex(hello?.nodeId)).toBe(view.id);
    expect(hex(hello?.inviteCode)).toBe(hex(settings.mq_invite_code?.code));
    const { invites } = await admin.get<{ invites: { state: string }[] }>('invites');
    expect(invites.filter((one) => one.state === 'spent')).toHaveLength(1);
    const inClear = Buffer.concat(recorded);
    for (const words of ['to all: the words', 'to one: the words', 'greenhouse'])
      expect(inClear.includes(words)).toBe(false);

    // The same attempt with what was drawn and never written down opens all of it: it is not for want of trying.
    const ephemeral = drawn.flatMap((one) =>
      one.length === 64 ? [one.subarray(0, 32), one.subarray(32)] : one.length === 32 ? [one] : [],
    );
    const all = rob(recorded, { ...loot, secrets: ephemeral });
    expect(tally([...all.others.keys()].map(kindName))).toEqual(
      tally(recorded.filter((frame) => frame[2] !== kinds.HELLO).map(kindName)),
    );
    const told = [...all.others].find(([frame]) => frame[2] === kinds.COMMAND)?.[1];
    expect(Buffer.from(told ?? []).includes('to one: the words of a command')).toBe(true);

    // And no key that opens anything, nor what it came from, is on either disk.
    const disk = Buffer.concat(filesUnder(stack.folder));
    expect(disk.includes(view.id)).toBe(true);
    const identity = readFileSync(join(state, 'identity.json'), 'utf8');
    const never = [...all.keys, ...ephemeral.filter((one) => !identity.includes(hex(one)))];
    expect(ephemeral.length - never.length + all.keys.length).toBe(mechanism === 'plain' ? 2 : 1);
    expect(all.keys.length).toBeGreaterThanOrEqual(5);
    const forms = (key: Uint8Array) => [Buffer.from(key), hex(key), Buffer.from(key).toString('base64')];
    expect(never.filter((key) => forms(key).some((form) => disk.includes(form))).map(hex)).toEqual([]);
  },
);
