import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpool } from '@sealcast/node/spool';
import { Sampler } from '@sealcast/node/harvest/sampler';
import { beforeAll, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { beside, buildImage, docker } from './docker.ts';
import { nodeImage, Stack } from './stack.ts';

const limit = 64 * 1024 * 1024;
const name = 'small';
// A night offline, at the interval that a master orders unless told otherwise.
const intervalMs = 5000;
const samples = (8 * 3_600_000) / intervalMs;
let stack: Stack;
let client: MasterClient;
let container: string;
const outcomes: (string | undefined)[] = [];

/** A state folder in a volume, as a node that could not reach its master for a night leaves it. */
async function nightOffline(volume: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-spool-'));
  try {
    const spool = openSpool(folder, { maxBytes: 64e6, maxAgeMs: 72 * 3_600_000 });
    const sampler = new Sampler({ root: '', now: () => performance.now() });
    const begin = Date.now() - samples * intervalMs;
    for (let i = 0; i < samples; i += 1) {
      const clock = { boot: 'a'.repeat(32), monotonic: i * intervalMs, wall: begin + i * intervalMs };
      spool.append(sampler.sample(), clock);
    }
    spool.close();
    const copy = 'cp -r /from/spool /to && chown -R 36500:36500 /to && chmod 700 /to';
    const mounts = ['--volume', `${folder}:/from:ro`, '--volume', `${volume}:/to`];
    await docker(['run', '--rm', '--network=none', ...mounts, buildImage, 'bash', '-c', copy]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * A volume with the programs of the image, of which nothing is in memory yet. The pages of a file count for whoever reads them
 * first: a node beside others would have its own for nothing, and one that is alone on its machine has not.
 */
async function coldPrograms(volume: string): Promise<void> {
  await docker(['volume', 'create', volume]);
  const filled = (await docker(['create', '--volume', `${volume}:/usr/bin`, nodeImage])).trim();
  await docker(['rm', filled]);
  const drop = 'sync -f /v/node && dd if=/v/node iflag=nocache count=0';
  await docker(['run', '--rm', '--network=none', '--volume', `${volume}:/v:ro`, buildImage, 'bash', '-c', drop]);
}

async function newest(): Promise<number> {
  return (await client.nodes()).find((node) => node.name === name)?.sample?.number ?? 0;
}

beforeAll(async () => {
  stack = await Stack.start();
  return async () => {
    await stack[Symbol.asyncDispose]();
    await docker(['volume', 'rm', '--force', stack.volume('small'), stack.volume('programs')]);
  };
});
beforeAll(async () => {
  client = await stack.client();
  const state = stack.volume('small');
  await docker(['volume', 'create', state]);
  await nightOffline(state);
  const programs = stack.volume('programs');
  await coldPrograms(programs);
  const settings = { mq_invite_code: await stack.invite(client, name), mq_sub_host: 'master', node_name: name };
  const options = [`--memory=${limit}`, `--memory-swap=${limit}`, '--volume', `${programs}:/usr/bin:ro`];
  container = await stack.runNode(settings, { state, options });
  await client.untilNodes(
    (all) => all.some((node) => node.name === name && node.sample !== null),
    AbortSignal.timeout(60_000),
  );
  // As many broadcasts, of the longest texts, as it confirms one by one while a night of samples goes up.
  const text = 'x'.repeat(4096);
  while ((await newest()) <= samples) {
    const { receipts } = await client.broadcast(text, AbortSignal.timeout(20_000));
    outcomes.push(receipts.find((receipt) => receipt.name === name)?.outcome);
  }
});

test('with 64 MB a node gives its master a night of samples, and confirms broadcasts meanwhile', async () => {
  expect(await newest()).toBeGreaterThan(samples);
  expect(new Set(outcomes)).toEqual(new Set(['done']));
});

test('what it can not give back is less than half of that, and nothing of it was killed', async () => {
  const status = await beside(container, 'cat', '/proc/1/status');
  expect(Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024).toBeLessThan(limit / 2);
  const folder = '/proc/1/root/sys/fs/cgroup';
  const read = `cat ${folder}/memory.events 2>/dev/null || cat ${folder}/memory/memory.oom_control`;
  expect(/^oom_kill (\d+)$/m.exec(await beside(container, 'bash', '-c', read))?.[1]).toBe('0');
  const format = '{{.State.Running}} {{.State.OOMKilled}} {{.HostConfig.Memory}}';
  expect(await docker(['inspect', '--format', format, container])).toBe(`true false ${limit}\n`);
});
