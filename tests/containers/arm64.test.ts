import { existsSync } from 'node:fs';
import { arch } from 'node:os';
import type { NodeView } from '@sealcast/master/fleet/views';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { docker } from './docker.ts';
import { bake, bakedImage } from './images.ts';
import { Stack } from './stack.ts';

const image = bakedImage('node', 'arm64');
// Where there is no emulator scripts/test says so, and with CI=true that is a failure.
const able = arch() === 'arm64' || existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64') || process.env['CI'] === 'true';
let stack: Stack;
let client: MasterClient;
let container: string;
let pi: NodeView;

describe.skipIf(!able)('an image of the node for arm64', () => {
  beforeAll(async () => {
    await bake(['node-arm64']);
    await docker(['run', '--rm', '--network=none', '--entrypoint=node', image, '--version']).catch((cause: unknown) => {
      throw new Error("programs for arm64 don't run here: scripts/docker-host --arm64 brings an emulator", { cause });
    });
  });
  beforeAll(async () => {
    stack = await Stack.start();
    return async () => await stack[Symbol.asyncDispose]();
  });
  beforeAll(async () => {
    client = await stack.client();
    const settings = { mq_invite_code: await stack.invite(client, 'pi'), mq_sub_host: 'master', node_name: 'pi' };
    container = await stack.runNode(settings, { image, options: ['--platform=linux/arm64'] });
    const nodes = await client.untilNodes(
      (all) => all.some(({ name, state, sample }) => name === 'pi' && state === 'alive' && (sample?.number ?? 0) > 1),
      AbortSignal.timeout(120_000),
    );
    pi = nodes.find(({ name }) => name === 'pi')!;
  });

  test('joins a master on another architecture, and reports', async () => {
    // Its kernel is the machine's own; the program is not.
    expect(await docker(['exec', container, 'node', '-p', 'process.arch'])).toBe('arm64\n');
    expect(pi.facts?.version).toMatch(/^\d/);
    expect(pi.sample?.memory.total).toBeGreaterThan(0);
  });

  test('opens a broadcast, and confirms it', async () => {
    const { receipts } = await client.broadcast('Good morning, Pi.', AbortSignal.timeout(60_000));
    expect(receipts.map(({ name, outcome }) => `${name} ${outcome}`)).toContain('pi done');
  });

  test('knows by its health check a node that lives from one that does not', async () => {
    expect(await docker(['exec', container, 'live-check'])).toBe('');
    const none = ['exec', '--env', 'live_file=/tmp/none', container, 'live-check'];
    await expect(docker(none)).rejects.toMatchObject({ code: 1 });
    // The program itself, whose file is as old as the image.
    const old = ['exec', '--env', 'live_file=/usr/bin/live-check', container, 'live-check'];
    await expect(docker(old)).rejects.toMatchObject({ code: 1 });
  });
});
