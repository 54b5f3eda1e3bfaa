import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Programs } from '@sealcast/node/run/programs';
import { expect, test } from 'vitest';
import { Pull } from 'zeromq';

function programs() {
  const all = new Programs();
  const sh = (script: string, seconds = 10) => all.run({ program: '/bin/sh', arguments: ['-c', script], seconds });
  return { all, sh, [Symbol.asyncDispose]: () => all.stop() };
}

/** A file that shell and test see one another by. */
function meeting() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-run-'));
  return { path: join(folder, 'file'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

async function written(path: string): Promise<string> {
  return await expect
    .poll(() => existsSync(path) && readFileSync(path, 'utf8'), { timeout: 5000 })
    .toMatch(/\n$/)
    .then(() => readFileSync(path, 'utf8').trim());
}

function lives(pid: string): boolean {
  // A zombie that nobody has reaped yet is over.
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

test('a program that ends with 0 is done, and what it wrote to both ends is there', async () => {
  await using set = programs();
  expect(await set.sh('echo out; echo err >&2')).toMatchObject({ outcome: 'done' });
  const { output } = await set.sh('echo out; sleep 0.1; echo err >&2');
  expect(output).toBe('out\nerr\n');
});

test('a program that says nothing has no output', async () => {
  await using set = programs();
  expect(await set.all.run({ program: '/bin/true', arguments: [], seconds: 10 })).toEqual({ outcome: 'done' });
});

test.each([
  ['exit 3', { outcome: 'failed', detail: 'exit code 3' }],
  ['echo why; exit 1', { outcome: 'failed', detail: 'exit code 1', output: 'why\n' }],
  ['kill -TERM $$', { outcome: 'failed', detail: 'killed by SIGTERM' }],
  ['kill -KILL $$', { outcome: 'failed', detail: 'killed by SIGKILL' }],
])('a program that fails tells how: %s', async (script, outcome) => {
  await using set = programs();
  expect(await set.sh(script)).toEqual(outcome);
});

test.each([
  ['/nowhere/at-all', 'not found'],
  ['/etc/passwd/x', 'not found'],
  ['/etc/passwd', 'may not be run'],
  ['/', 'may not be run'],
])('a program that can’t be started says so: %s', async (program, detail) => {
  await using set = programs();
  expect(await set.all.run({ program, arguments: [], seconds: 10 })).toEqual({ outcome: 'failed', detail });
});

test('no shell reads program or arguments', async () => {
  await using set = programs();
  const args = ['-n', '$HOME `id` ; true | false > /x * "q"'];
  expect(await set.all.run({ program: '/bin/echo', arguments: args, seconds: 10 })).toEqual({
    outcome: 'done',
    output: '$HOME `id` ; true | false > /x * "q"',
  });
  expect(await set.all.run({ program: '/bin/echo hello', arguments: [], seconds: 10 })).toMatchObject({
    detail: 'not found',
  });
});

test('a program gets neither the settings of the node, nor its input, folder or files', async () => {
  await using set = programs();
  process.env['mq_invite_code'] = 'sealcast1:secret';
  process.env['NODE_OPTIONS_OF_TEST'] = 'x';
  try {
    const { output = '' } = await set.all.run({ program: '/usr/bin/env', arguments: [], seconds: 10 });
    const names = new Set(
      output
        .trim()
        .split('\n')
        .map((line) => line.split('=')[0]),
    );
    expect(names).toEqual(new Set(['HOME', 'LANG', 'PATH']));
    expect(output).toContain('LANG=C.UTF-8\n');
  } finally {
    delete process.env['mq_invite_code'];
    delete process.env['NODE_OPTIONS_OF_TEST'];
  }
  expect(await set.sh('pwd; cat; readlink /proc/self/fd/0')).toMatchObject({ output: '/\n/dev/null\n' });
});

test('a program gets none of the files and sockets that the node has open', async () => {
  await using set = programs();
  using file = meeting();
  const open = openSync(file.path, 'w');
  const socket = new Pull();
  await socket.bind('tcp://127.0.0.1:*');
  const own = readdirSync('/proc/self/fd').flatMap((fd) => {
    const found = lstatSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false });
    return found === undefined ? [] : [readlinkSync(`/proc/self/fd/${fd}`)];
  });
  const listening = own.filter((target) => target.startsWith('socket:'));
  const { output = '' } = await set.sh('readlink /proc/self/fd/*');
  socket.close();
  closeSync(open);
  expect(own).toContain(file.path);
  expect(listening.length).toBeGreaterThan(0);
  expect(output.split('\n').filter((target) => target === file.path || listening.includes(target))).toEqual([]);
});

test('a program that takes too long is ended, with all that it started', async () => {
  await using set = programs();
  using child = meeting();
  const script = `sleep 1000 & echo $! > ${child.path}; echo begun; wait`;
  expect(await set.sh(script, 1)).toEqual({ outcome: 'failed', detail: 'took longer than 1 s', output: 'begun\n' });
  expect(lives(await written(child.path))).toBe(false);
});

test('a program that does not heed the asking is killed', async () => {
  await using set = programs();
  const script = "trap 'echo no' TERM; while :; do sleep 0.05; done";
  expect(await set.sh(script, 1)).toMatchObject({ outcome: 'failed', detail: 'took longer than 1 s' });
});

test('what a program leaves behind in its group ends with it', async () => {
  await using set = programs();
  using child = meeting();
  expect(await set.sh(`sleep 1000 > /dev/null 2>&1 & echo $! > ${child.path}`)).toEqual({ outcome: 'done' });
  await expect.poll(async () => lives(await written(child.path))).toBe(false);
});

test('a program is over although somebody who left its group holds its output', async () => {
  await using set = programs();
  using child = meeting();
  expect(await set.sh(`setsid sh -c 'echo $$ > ${child.path}; exec sleep 1000' & sleep 0.2; echo over`)).toEqual({
    outcome: 'done',
    output: 'over\n',
  });
  process.kill(Number(await written(child.path)));
});

test('of five programs at a time the fifth is refused, and one may be run when another has ended', async () => {
  await using set = programs();
  using gate = meeting();
  const four = Array.from({ length: 4 }, () => set.sh(`while ! [ -e ${gate.path} ]; do sleep 0.05; done`));
  expect(await set.sh('true')).toEqual({ outcome: 'refused', detail: '4 programs are running already' });
  writeFileSync(gate.path, '');
  await Promise.all(four);
  expect(await set.sh('true')).toEqual({ outcome: 'done' });
});

test('a node that stops ends what it runs, and tells how', async () => {
  const { all, sh } = programs();
  using child = meeting();
  const ended = sh(`sleep 1000 & echo $! > ${child.path}; wait`);
  const pid = await written(child.path);
  await all.stop();
  expect(await ended).toEqual({ outcome: 'failed', detail: 'the node was stopped' });
  expect(lives(pid)).toBe(false);
});

test('a program that writes without an end is held up, and its end is kept', async () => {
  await using set = programs();
  const before = process.memoryUsage().rss;
  const { output, ...outcome } = await set.all.run({ program: '/usr/bin/yes', arguments: ['abc'], seconds: 1 });
  expect(outcome).toEqual({ outcome: 'failed', detail: 'took longer than 1 s' });
  expect(output).toHaveLength(4096);
  expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
});

test('what a program writes is read no faster than a node has time for', async () => {
  await using set = programs();
  const order = { program: '/usr/bin/head', arguments: ['-c', '60000000', '/dev/zero'], seconds: 2 };
  expect(await set.all.run(order)).toEqual({ outcome: 'failed', detail: 'took longer than 2 s' });
});
