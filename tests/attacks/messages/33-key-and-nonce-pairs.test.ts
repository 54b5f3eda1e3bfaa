// The attacker keeps every frame and waits for a nonce that comes twice under one key: two such frames give away the exclusive or of
// what they say, and the key that makes tags. He can crash a node or the master whenever he likes.
import { type ChildProcess, fork } from 'node:child_process';
import { privateDecrypt, randomBytes } from 'node:crypto';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '@sealcast/channel/cbor';
import { oaep, systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster } from '@sealcast/channel/epoch';
import { everyone } from '@sealcast/channel/ids';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { SessionKeys } from '@sealcast/channel/session';
import { expect, test } from 'vitest';
import { ServiceProcess } from '../../stack/service-process.ts';
import { kinds } from '../../twin/envelope.ts';
import { commandTo, joinFully, masterKeys, newDoor, newNode, offered, pinned } from '../../unit/channel/parties.ts';
import { FarSite } from './far-site.ts';

const minutes = 60_000;
const sealing = fileURLToPath(new URL('./sealing-process.ts', import.meta.url));

/** Which key a frame is under, told by what stands in the clear: a key id has one key a direction. */
function keyOf(frame: Uint8Array): string {
  const kind = frame[2] ?? 0;
  const direction = kind >= kinds.BROADCAST ? 'group' : kind >= kinds.ACK ? 'down' : 'up';
  return `${direction} ${Buffer.from(frame.subarray(4, 12)).toString('hex')}`;
}

const nonceOf = (frame: Uint8Array) => Buffer.from(frame.subarray(20, 32)).toString('latin1');

/** How many frames came, and how many of the pairs of key and nonce that they have differ; of one key at a time. */
class Pairs {
  readonly #keys = new Set<string>();
  frames = 0;
  distinct = 0;

  /** All frames of one key. */
  take(frames: Iterable<Uint8Array>): void {
    const nonces = new Set<string>();
    let first: Uint8Array | undefined;
    for (const frame of frames) {
      first ??= frame;
      if (Buffer.compare(frame.subarray(4, 12), first.subarray(4, 12)) !== 0) throw new Error('another key id');
      nonces.add(nonceOf(frame));
      this.frames += 1;
    }
    const key = first === undefined ? undefined : keyOf(first);
    if (key === undefined || this.#keys.has(key)) throw new Error('a key came twice, or sealed nothing');
    this.#keys.add(key);
    this.distinct += nonces.size;
  }

  get keys(): number {
    return this.#keys.size;
  }
}

function* times(count: number, make: () => Uint8Array): Generator<Uint8Array> {
  for (let made = 0; made < count; made++) yield make();
}

test('key and nonce pairs are unique over a million messages, over many sessions and epochs, in every direction', {
  timeout: 5 * minutes,
}, () => {
  const pairs = new Pairs();
  const door = newDoor();
  const ack = { kind: 'ack', body: { through: 0, head: 0, epoch: 1, time: 1 } } as const;
  const leave = { kind: 'leave', body: {} } as const;
  const [leaves, acknowledges] = [encode(leave.body), encode(ack.body)];
  const session = (messages: number) => {
    const { node, master } = joinFully(door);
    pairs.take(times(messages, () => node.sealEncoded(kinds.LEAVE, leaves)));
    pairs.take(times(messages, () => master.sealEncoded(kinds.ACK, acknowledges)));
    // They are frames as any other.
    expect(master.open(node.seal(leave))).toEqual(leave);
    expect(node.open(master.seal(ack))).toEqual(ack);
  };
  for (let count = 0; count < 24; count++) session(20_000);
  for (let count = 0; count < 100; count++) session(100);
  const broadcaster = new Broadcaster(masterKeys, systemEntropy);
  let number = 0;
  for (let epoch = 1; epoch <= 20; epoch++) {
    broadcaster.begin(epoch, systemEntropy.bytes(32));
    const order = commandTo(everyone);
    pairs.take(times(1000, () => broadcaster.seal((number += 1), order).frame));
  }
  expect(pairs.keys).toBe(24 * 2 + 100 * 2 + 20);
  expect(pairs.frames).toBe(1_000_000);
  expect(pairs.distinct).toBe(1_000_000);
});

test('the key that wraps OFFER and WELCOME seals each under a nonce of its own, and no first key comes twice', () => {
  const door = newDoor();
  const nonces = new Set<string>();
  const wrapped = new Set<string>();
  const firstKeys = new Set<string>();
  const key = masterKeys.rsa[0].rsaPrivate;
  for (let count = 0; count < 50; count++) {
    const node = new NodeJoin(pinned, newNode(), door.book.invite(), systemEntropy);
    const offer = door.joins.hello(node.hello, 0).frame;
    const welcome = door.joins.confirm(offered(node, offer), 0, door.book.enrol).frame;
    nonces.add(Buffer.from(offer.subarray(1124, 1136)).toString('hex'));
    nonces.add(Buffer.from(welcome.subarray(20, 32)).toString('hex'));
    nonces.add(Buffer.from(node.hello.subarray(260, 272)).toString('hex'));
    const inRsa = Buffer.from(node.hello.subarray(4, 260));
    wrapped.add(inRsa.toString('hex'));
    firstKeys.add(privateDecrypt({ key, ...oaep }, inRsa).toString('hex'));
  }
  expect(nonces.size).toBe(150);
  expect([wrapped.size, firstKeys.size]).toEqual([50, 50]);
});

/** At least so many frames' metadata that a process sealed before it was killed. */
async function sealedUntilKilled(keys: SessionKeys, atLeast: number): Promise<Buffer[]> {
  const child: ChildProcess = fork(sealing, { serialization: 'advanced', stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const parts: Buffer[] = [];
  let bytes = 0;
  child.send(keys);
  for await (const part of child.stdout ?? []) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= atLeast * 32) child.kill('SIGKILL');
  }
  expect(child.signalCode ?? 'SIGKILL').toBe('SIGKILL');
  const all = Buffer.concat(parts);
  return Array.from({ length: Math.floor(all.length / 32) }, (_, at) => all.subarray(32 * at, 32 * at + 32));
}

test('processes that crash and start again under the very same key never use a nonce twice', {
  timeout: 5 * minutes,
}, async () => {
  const ids = { nodeId: randomBytes(16), masterId: randomBytes(16), topic: randomBytes(16), keyId: randomBytes(8) };
  const keys: SessionKeys = { role: 'node', ...ids, up: randomBytes(32), down: randomBytes(32) };
  const nonces = new Set<string>();
  let frames = 0;
  for (const atLeast of [1, 5000, 10_000, 20_000]) {
    const sealed = await sealedUntilKilled(keys, atLeast);
    expect(sealed.length).toBeGreaterThanOrEqual(atLeast);
    expect(new Set(sealed.map(keyOf))).toEqual(new Set([`up ${ids.keyId.toString('hex')}`]));
    // Sequences begin anew with each: the nonce alone is what differs.
    expect(sealed[0]?.readBigUInt64BE(12)).toBe(1n);
    frames += sealed.length;
    for (const frame of sealed) nonces.add(nonceOf(frame));
  }
  expect(frames).toBeGreaterThan(35_000);
  expect(nonces.size).toBe(frames);
});

test('over crashes of a node and starts of its master no key lives on, and no pair comes twice', {
  timeout: 5 * minutes,
}, async () => {
  await using site = await FarSite.start();
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sealcast-'));
  const env = { mq_invite_code: site.invite(), state_dir: join(folder.path, 'state'), log_level: 'debug' };
  const joined = async () => {
    const node = new ServiceProcess('node', env);
    await node.says('joined the master');
    return node;
  };
  for (let crash = 0; crash < 3; crash++) {
    await using node = await joined();
    await site.hears();
    await node.stop('SIGKILL');
    site.wire.restartAtEpoch(crash + 2);
  }
  const data = site.relay.recorded.filter(({ name }) => name === 'data').map(({ frame }) => frame);
  const byKey = Map.groupBy(data, keyOf);
  const ofSessions = [...byKey.keys()].filter((key) => !key.startsWith('group'));
  // Three sessions, up and down, and the three epochs in which something was broadcast.
  expect(ofSessions).toHaveLength(6);
  expect(byKey.size).toBe(9);
  const pairs = new Pairs();
  for (const frames of byKey.values()) pairs.take(frames);
  expect(pairs.distinct).toBe(data.length);
});
