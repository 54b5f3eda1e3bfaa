// The attacker is a node that has joined as it should, and says as much as it can: what the others do must hardly take longer, and
// what the master keeps of it must be bounded.
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ackTimeoutMs } from '@sealcast/channel/constants';
import { parseInvite } from '@sealcast/channel/invite';
import { frameCost, portRate } from '@sealcast/hop/front/limits';
import { frameOverhead } from '@sealcast/hop/options';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Admin } from '../../stack/admin.ts';
import { Stack } from '../../stack/stack.ts';
import { TestLink } from '../../stack/wire.ts';
import { dataFrameMax } from '../../twin/envelope.ts';
import { sample } from '../../unit/channel/parties.ts';
import { type FloodKind, Flooder, floods, garbageBytes } from './flood.ts';
import { childrenOf, residentBytes } from './process-memory.ts';

const patient = { timeout: 240_000 };
/** What round trips of the slowest hundredth may take, in ms, or as a multiple of what they took before on a machine that is busy anyway. */
const slowest = { ms: 1000, times: 10 };
const attempts = 3;
const mebibyte = 2 ** 20;
const memoryMax = { master: 256 * mebibyte, transport: 128 * mebibyte };
const diskMax = 48 * mebibyte;
const broadcastsOnce = 5;
const leastMs = 1500;
const hour = 3600;

interface Sign {
  list: 'counts' | 'cuts' | 'samples';
  name: string;
  least: number;
  /** Where each of them is a frame of this length. */
  frame?: number;
}

/** What shows that it was really flooded, and how often at least. */
const signs: Record<FloodKind, Sign> = {
  // Above a mebibyte a second a connection waits, and nothing of it is too much.
  reports: { list: 'samples', name: 'through', least: 20 * 64 },
  facts: { list: 'counts', name: 'rate.exceeded', least: 200 },
  asks: { list: 'counts', name: 'rate.exceeded', least: 200 },
  garbage: { list: 'counts', name: 'seal.open', least: 500, frame: garbageBytes },
  'maximum frames': { list: 'counts', name: 'seal.open', least: 20, frame: dataFrameMax },
  subscriptions: { list: 'cuts', name: 'cut.subscriptions', least: 1 },
};

let stack: Stack;
let admin: Admin;
let flooder: Flooder;
const links: TestLink[] = [];
const numbers = new Map<TestLink, number>();
const calm = { master: 0, transport: 0 };

interface Times {
  report: number[];
  broadcast: number[];
}

function percentile(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY;
}

/** What a connection may say in so many seconds by its rate, in bytes, and what comes with it before it is stopped. */
function mayHaveSaid(seconds: number): number {
  const { burst, perSecond } = portRate.dataIn;
  return burst + perSecond * seconds + dataFrameMax;
}

function worst({ report, broadcast }: Times): number {
  return Math.max(percentile(report), percentile(broadcast));
}

/** From a report with a sample to the ACK that says it is on disk, said again as a node does. */
async function reported(link: TestLink): Promise<number> {
  const number = (numbers.get(link) ?? 0) + 1;
  numbers.set(link, number);
  const say = () => link.link.send({ kind: 'report', body: { samples: [{ ...sample, number, at: Date.now() }] } });
  const startedAt = performance.now();
  say();
  const again = setInterval(say, ackTimeoutMs);
  await link.hears((heard) => heard.type === 'ack' && heard.ack.through >= number);
  clearInterval(again);
  return performance.now() - startedAt;
}

/** From the order to the receipts of all honest nodes. */
async function confirmed(text: string): Promise<number> {
  const startedAt = performance.now();
  const { id } = await admin.broadcast(text);
  for (;;) {
    const receipts = (await admin.commands()).find((one) => one.id === id)?.receipts ?? [];
    if (receipts.filter(({ outcome }) => outcome === 'done').length === links.length)
      return performance.now() - startedAt;
  }
}

async function measured(): Promise<Times> {
  const times: Times = { report: [], broadcast: [] };
  const over = new AbortController();
  const reporting = links.map(async (link) => {
    while (!over.signal.aborted) times.report.push(await reported(link));
  });
  const startedAt = performance.now();
  while (times.broadcast.length < broadcastsOnce || performance.now() < startedAt + leastMs)
    times.broadcast.push(await confirmed(`number ${times.broadcast.length}`));
  over.abort();
  await Promise.all(reporting);
  return times;
}

function resident(): typeof calm {
  const [transport = 0] = childrenOf(stack.master.pid);
  return { master: residentBytes(stack.master.pid), transport: residentBytes(transport) };
}

function diskBytes(): number {
  const folder = join(stack.folder, 'data');
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** The numbers of the flooder's oldest sample that is kept, and of its newest. */
function keptSamples(): { oldest: number; through: number } {
  const database = new DatabaseSync(join(stack.folder, 'data', 'sealcast.db'), { readOnly: true });
  const row = database
    .prepare('SELECT through, (SELECT min(number) FROM samples WHERE node = key) AS oldest FROM nodes WHERE id = ?')
    .get(flooder.id);
  database.close();
  return { oldest: Number(row?.['oldest']), through: Number(row?.['through']) };
}

async function sign(kind: FloodKind): Promise<number> {
  const { list, name } = signs[kind];
  if (list === 'samples') return keptSamples().through;
  return (await admin.get<Record<'counts' | 'cuts', Record<string, number>>>('refusals'))[list][name] ?? 0;
}

beforeAll(async () => {
  stack = await Stack.start({ invites: 4, master: { retention_hours: '1', log_level: 'info' } });
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  admin = await stack.signIn();
  const invite = (number: number) => readFile(join(stack.folder, 'nodes', `invite-${number}`), 'utf8');
  for (const number of [1, 2, 3]) {
    const link = new TestLink(parseInvite((await invite(number)).trim()), {});
    links.push(link);
    await link.open();
  }
  flooder = await Flooder.join(await invite(4));
  return async () => {
    await flooder[Symbol.asyncDispose]();
    await Promise.all(links.map((link) => link.stop()));
  };
});
beforeAll(async () => {
  // A master that has just started grows anyway.
  await measured();
  Object.assign(calm, resident());
}, patient.timeout);

test.each(floods)(
  "while a node floods with %s the others' p99 holds, and the master's memory",
  patient,
  async (kind) => {
    const signsBefore = await sign(kind);
    const { frame = 0 } = signs[kind];
    const tries: { before: number; took: number; isWithin: boolean }[] = [];
    const said: { bytes: number; seconds: number }[] = [];
    while (tries.length < attempts && tries.every(({ isWithin }) => !isWithin)) {
      const before = worst(await measured());
      const saidBefore = await sign(kind);
      const floodedAt = performance.now();
      flooder.flood(kind);
      // Measured is what happens while it really floods.
      await expect.poll(() => sign(kind), patient).toBeGreaterThanOrEqual(signsBefore + signs[kind].least);
      const took = worst(await measured());
      const count = (await sign(kind)) - saidBefore;
      const seconds = (performance.now() - floodedAt) / 1000;
      if (frame > 0) said.push({ bytes: count * (frame + frameOverhead.curve + frameCost), seconds });
      flooder.stop();
      tries.push({ before, took, isWithin: took < Math.max(slowest.ms, slowest.times * before) });
    }
    const now = resident();
    const growth = { master: now.master - calm.master, transport: now.transport - calm.transport };
    for (const { bytes, seconds } of said) expect(bytes).toBeLessThan(mayHaveSaid(seconds));
    expect(said).toHaveLength(frame > 0 ? tries.length : 0);
    expect(tries).toContainEqual(expect.objectContaining({ isWithin: true }));
    for (const link of links) expect([link.count('live'), link.count('lost')]).toEqual([1, 0]);
    expect(growth.master).toBeLessThan(memoryMax.master);
    expect(growth.transport).toBeLessThan(memoryMax.transport);
  },
);

test('what a node that floods leaves on the disk is bounded', patient, async () => {
  flooder.flood('reports');
  await vi.waitFor(() => expect(keptSamples().through).toBeGreaterThan(2 * hour), { timeout: 60_000, interval: 200 });
  flooder.stop();
  const { oldest, through } = keptSamples();
  // As many as an honest node takes in the time that samples are kept for: the first ones have gone.
  expect(oldest).toBeGreaterThan(through - hour);
  expect(diskBytes()).toBeLessThan(diskMax);
});
