// The attacker has no key, and many connections: most say nothing, some greet and say no more. He holds the ports full, from several
// addresses and also from the honest node's own, and takes each place again that he loses.
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
  master = await AttackedMaster.start({ invites: 9 });
});
afterAll(() => master[Symbol.asyncDispose]());

/** Holds so many connections, half to each of the join ports; takes those again that are cut, at most 200 a second. */
class Flood implements AsyncDisposable {
  opened = 0;
  readonly #held = new Set<ZmtpPeer>();
  readonly #from: (count: number) => string;
  readonly #renewal: NodeJS.Timeout;
  #renewing: Promise<unknown> = Promise.resolve();

  private constructor(from: (count: number) => string, renews: boolean) {
    this.#from = from;
    this.#renewal = setInterval(() => {
      if (!renews) return;
      const gone = [...this.#held].filter(({ isClosed }) => isClosed).slice(0, 20);
      for (const peer of gone) this.#held.delete(peer);
      this.#renewing = Promise.all(gone.map(() => this.#open()));
    }, 100);
  }

  static async start(from: (count: number) => string, renews: boolean): Promise<Flood> {
    const flood = new Flood(from, renews);
    for (let count = 0; count < halfOpen + onlyGreeting; count += 50)
      await Promise.all(Array.from({ length: 50 }, () => flood.#open()));
    return flood;
  }

  async #open(): Promise<void> {
    this.opened += 1;
    const count = this.opened;
    const port: PortName = count % 2 === 0 ? 'joinIn' : 'joinOut';
    const peer = await ZmtpPeer.connect(master.ports[port], this.#from(count));
    this.#held.add(peer);
    // 800 of 2,300.
    if (count % 23 < 8) await peer.write(greeting('CURVE'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#renewal);
    await this.#renewing;
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

/** The first that is fast enough, of a few: others are at work on this machine too. */
async function joinsInTime(): Promise<number[]> {
  const measured: number[] = [];
  while (measured.length < tries && !measured.some((ms) => ms < boundMs)) measured.push(await joinMs());
  return measured;
}

const byAddress: [string, (count: number) => string, boolean][] = [
  ['from twelve addresses', (count) => `127.0.0.${2 + (count % 12)}`, true],
  ['from the address of the node', () => '127.0.0.1', false],
];

test.each(byAddress)(
  '1,500 half-open connections and 800 that only greet, %s: a real join still takes under a second',
  async (where, from, renews) => {
    const before = await master.refusals();
    await using flood = await Flood.start(from, renews);
    const measured = await joinsInTime();
    console.log(`a join in the flood ${where}: ${measured.map((ms) => `${ms.toFixed(0)} ms`).join(', ')}`);
    expect(Math.min(...measured)).toBeLessThan(boundMs);
    expect(flood.opened).toBeGreaterThanOrEqual(halfOpen + onlyGreeting);
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
  await master.join(9);
  const crowd: ZmtpPeer[] = [];
  for (let count = 0; count < halfOpen + onlyGreeting; count += 50) {
    const opened = Array.from({ length: 50 }, (_, index) =>
      ZmtpPeer.connect(master.ports[index % 2 === 0 ? 'dataIn' : 'dataOut'], `127.0.0.${2 + (index % 12)}`),
    );
    crowd.push(...(await Promise.all(opened)));
  }
  await master.confirms(9, 'in the crowd');
  expect(Math.min(...(await joinsInTime()))).toBeLessThan(boundMs);
  await master.haveCutSome('cut.handshake-time', 1);
  for (const peer of crowd) peer[Symbol.dispose]();
});
