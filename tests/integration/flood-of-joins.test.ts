// Strangers say HELLO as fast as they can, each with another address's allowance: who has joined hardly waits for it, and who wants to
// join is in soon.
import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseInvite } from '@sealcast/channel/invite';
import { expect, test } from 'vitest';
import type { Admin } from '../stack/admin.ts';
import type { JoinFlood } from '../stack/join-flood-process.ts';
import { Stack } from '../stack/stack.ts';
import { TestLink } from '../stack/wire.ts';
import { sample } from '../unit/channel/parties.ts';

const addresses = Array.from({ length: 60 }, (_, index) => `127.0.3.${index + 1}`);
const reports = 120;
const attempts = 3;
/** What the slowest hundredth may take in ms, or as a multiple of what it took before on a machine that is busy anyway. */
const slowest = { ms: 500, times: 10 };

/** What a join may take in ms, of which the first may be lost: a node tries again after at most joinTries times joinTimeoutMs. */
const joined = { count: 4, withinMs: 20_000 };

class Flood implements AsyncDisposable {
  readonly #child = fork(join(import.meta.dirname, '../stack/join-flood-process.ts'), { execArgv: [] });
  readonly #ended = new Promise((resolve) => this.#child.once('exit', resolve));

  get isOver(): boolean {
    return this.#child.exitCode !== null;
  }

  constructor(line: string) {
    this.#child.send({ line, addresses } satisfies JoinFlood);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

let number = 0;

/** From a report with a sample to the ACK that says it is on disk: the slowest hundredth, in ms. */
async function p99(link: TestLink): Promise<number> {
  const times: number[] = [];
  while (times.length < reports) {
    number += 1;
    const wanted = number;
    const at = performance.now();
    link.link.send({ kind: 'report', body: { samples: [{ ...sample, number, at: Date.now() }] } });
    await link.hears((heard) => heard.type === 'ack' && heard.ack.through >= wanted);
    times.push(performance.now() - at);
    // As fast as its session may.
    await sleep(25);
  }
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY;
}

/** HELLOs whose invite nobody made. */
async function refused(admin: Admin): Promise<number> {
  const { counts } = await admin.get<{ counts: Record<string, number> }>('refusals');
  return counts['join.invite'] ?? 0;
}

test('while HELLOs come from sixty addresses, the p99 of who has joined holds', { timeout: 240_000 }, async () => {
  await using stack = await Stack.start({ invites: 1, master: { log_level: 'info' } });
  const admin = await stack.signIn();
  const line = (await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8')).trim();
  const link = new TestLink(parseInvite(line), {});
  await link.open();
  const tries: { before: number; took: number; isWithin: boolean }[] = [];
  while (tries.length < attempts && tries.every(({ isWithin }) => !isWithin)) {
    const before = await p99(link);
    const refusedBefore = await refused(admin);
    await using flood = new Flood(line);
    await expect.poll(() => refused(admin), { timeout: 20_000 }).toBeGreaterThan(refusedBefore + 100);
    const measuredFrom = await refused(admin);
    const startedAt = performance.now();
    const took = await p99(link);
    const perSecond = ((await refused(admin)) - measuredFrom) / ((performance.now() - startedAt) / 1000);
    console.log(
      `p99 ${before.toFixed(1)} ms before, ${took.toFixed(1)} ms under ${perSecond.toFixed(0)} HELLOs a second`,
    );
    expect(perSecond).toBeGreaterThan(100);
    expect(flood.isOver).toBe(false);
    tries.push({ before, took, isWithin: took < Math.max(slowest.ms, slowest.times * before) });
  }
  expect(tries).toContainEqual(expect.objectContaining({ isWithin: true }));
  expect([link.count('live'), link.count('lost')]).toEqual([1, 0]);
  await link.stop();
});

test('while HELLOs come from sixty addresses, who wants to join is in', { timeout: 240_000 }, async () => {
  await using stack = await Stack.start({ invites: joined.count, master: { log_level: 'info' } });
  const admin = await stack.signIn();
  const lines = await Promise.all(
    Array.from({ length: joined.count }, (_, index) =>
      readFile(join(stack.folder, 'nodes', `invite-${index + 1}`), 'utf8'),
    ),
  );
  await using flood = new Flood(lines[0]?.trim() ?? '');
  await expect.poll(() => refused(admin), { timeout: 20_000 }).toBeGreaterThan(100);
  const times: number[] = [];
  for (const line of lines) {
    const link = new TestLink(parseInvite(line.trim()), {});
    const startedAt = performance.now();
    await Promise.race([link.open(), sleep(joined.withinMs, undefined, { ref: false })]);
    times.push(performance.now() - startedAt);
    expect(link.count('live')).toBeGreaterThan(0);
    await link.stop();
  }
  console.log(`joins took ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  expect(flood.isOver).toBe(false);
});
