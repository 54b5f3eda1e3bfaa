// The attacker has no key, and many connections: most say nothing, some greet and say no more. He holds the ports full, from several
// addresses and also from the honest node's own.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInvite } from '@sealcast/channel/invite';
import type { PortName } from '@sealcast/hop/sockets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestLink } from '../../stack/wire.ts';
import { greeting, ZmtpPeer } from '../../stack/zmtp-peer.ts';
import { AttackedMaster } from './attacked-master.ts';

const halfOpen = 1500;
const onlyGreeting = 800;
const boundMs = 1000;
const tries = 3;

let master: AttackedMaster;
let invites = 0;
beforeAll(async () => {
  master = await AttackedMaster.start({ invites: 12 });
});
afterAll(() => master[Symbol.asyncDispose]());

/** Holds so many connections, half to each of the join ports. */
class Flood implements Disposable {
  opened = 0;
  readonly #held: ZmtpPeer[] = [];
  readonly #from: (count: number) => string;

  private constructor(from: (count: number) => string) {
    this.#from = from;
  }

  static async start(from: (count: number) => string): Promise<Flood> {
    const flood = new Flood(from);
    for (let count = 0; count < halfOpen + onlyGreeting; count += 50)
      await Promise.all(Array.from({ length: 50 }, () => flood.#open()));
    return flood;
  }

  async #open(): Promise<void> {
    this.opened += 1;
    const count = this.opened;
    const port: PortName = count % 2 === 0 ? 'joinIn' : 'joinOut';
    const peer = await ZmtpPeer.connect(master.ports[port], this.#from(count));
    this.#held.push(peer);
    // 800 of 2,300.
    if (count % 23 < 8) await peer.write(greeting('CURVE'));
  }

  [Symbol.dispose](): void {
    for (const peer of this.#held) peer[Symbol.dispose]();
  }
}

/** Milliseconds from the first packet of a node that is new until its session is live. */
async function joinMs(): Promise<number> {
  invites += 1;
  const text = await readFile(join(master.stack.folder, 'nodes', `invite-${invites}`), 'utf8');
  const node = new TestLink(parseInvite(text), {});
  const at = performance.now();
  node.link.start();
  await node.hears(({ type }) => type === 'live');
  const ms = performance.now() - at;
  await node.stop();
  return ms;
}

/**
 * Joins until one is fast enough, a few times at most: others are at work on this machine too. Each is in a flood of its own, since a
 * connection that says nothing is cut after five seconds in any case.
 */
async function joinsInFloods(from: (count: number) => string): Promise<number[]> {
  const measured: number[] = [];
  while (measured.length < tries && !measured.some((ms) => ms < boundMs)) {
    using flood = await Flood.start(from);
    measured.push(await joinMs());
    expect(flood.opened).toBe(halfOpen + onlyGreeting);
  }
  return measured;
}

const byAddress: [string, (count: number) => string][] = [
  ['from twelve addresses', (count) => `127.0.0.${2 + (count % 12)}`],
  ['from the address of the node', () => '127.0.0.1'],
];

test.each(byAddress)(
  '1,500 half-open connections and 800 that only greet, %s: a real join still takes under a second',
  async (where, from) => {
    const before = await master.refusals();
    const measured = await joinsInFloods(from);
    console.log(`a join in the flood ${where}: ${measured.map((ms) => `${ms.toFixed(0)} ms`).join(', ')}`);
    expect(Math.min(...measured)).toBeLessThan(boundMs);
    // They were there, and more of them than have room.
    const cut = async () => {
      const { cuts } = await master.refusals();
      const reasons = ['cut.crowd', 'cut.address', 'cut.handshake-time'];
      return reasons.reduce((sum, reason) => sum + (cuts[reason] ?? 0) - (before.cuts[reason] ?? 0), 0);
    };
    await expect.poll(cut, { timeout: 20_000, interval: 200 }).toBeGreaterThanOrEqual(halfOpen + onlyGreeting - 512);
    expect((await master.refusals()).counts).toEqual(before.counts);
  },
);

test('on the data ports they leave room for those who have joined', async () => {
  await master.join(12);
  const crowd: ZmtpPeer[] = [];
  for (let count = 0; count < halfOpen + onlyGreeting; count += 50) {
    const opened = Array.from({ length: 50 }, (_, index) =>
      ZmtpPeer.connect(master.ports[index % 2 === 0 ? 'dataIn' : 'dataOut'], `127.0.0.${2 + (index % 12)}`),
    );
    crowd.push(...(await Promise.all(opened)));
  }
  await master.confirms(12, 'in the crowd');
  await master.haveCutSome('cut.handshake-time', 1);
  expect(crowd).toHaveLength(halfOpen + onlyGreeting);
  expect((await master.admin.nodes()).find(({ id }) => id === master.idOf(12))?.state).toBe('alive');
  for (const peer of crowd) peer[Symbol.dispose]();
});
