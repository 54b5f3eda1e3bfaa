import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyone } from '@sealcast/channel/ids';
import type { Command, Receipt } from '@sealcast/channel/payloads';
import { openCommandLog, type Outcome } from '@sealcast/node/command-log';
import { Interval } from '@sealcast/node/interval';
import { obey, resume } from '@sealcast/node/orders';
import { allows, type Ordered, parsePolicy } from '@sealcast/node/policy/policy';
import { createLog } from '@sealcast/runtime/log';
import { expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

const log = createLog('test', 'silent');
const run: Command['action'] = { type: 'run', program: '/bin/true', arguments: ['x'], seconds: 60 };
const rotate: Command['action'] = { type: 'rotate' };

function order(action: Command['action']): Command {
  const issued = Date.now();
  return { id: randomBytes(16), target: everyone, issued, expires: issued + 60_000, action };
}

/** A node with the policy `text`; what it is to run ends when the test says so. */
function node(text: string) {
  const state = new StateFolder();
  let commandLog = openCommandLog(state.path);
  const policy = parsePolicy(text);
  const begun: { what: string; end: (outcome: Outcome) => void; fail: (error: Error) => void }[] = [];
  const answers: Partial<Receipt>[] = [];
  const lasting = (what: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    begun.push({ what, end: resolve, fail: reject });
    return promise;
  };
  const options = () => ({
    id: Buffer.alloc(16, 1),
    commandLog,
    now: () => Date.now(),
    policy: { level: policy.level, allows: (ordered: Ordered) => allows(policy, ordered) },
    interval: new Interval(() => undefined),
    programs: { run: ({ program }: { program: string }) => lasting(program) },
    rotate: (command: string) => lasting(command),
    answer: (receipt: Receipt) => {
      const answer: Partial<Receipt> = { ...receipt };
      delete answer.command;
      answers.push(answer);
    },
    refused: () => undefined,
    log,
  });
  return {
    take: (command: Command) => obey(command, options()),
    resume: (command: Command, ended: Promise<Outcome>) =>
      resume(Buffer.from(command.id).toString('hex'), ended, options()),
    begun,
    answers,
    file: () => readFileSync(join(state.path, 'commands'), 'utf8'),
    restart: () => {
      commandLog.close();
      commandLog = openCommandLog(state.path);
    },
    [Symbol.dispose]: () => {
      commandLog.close();
      state[Symbol.dispose]();
    },
  };
}

test.each([
  ['', rotate, 'observe'],
  ['', run, 'observe'],
  ['level operate', run, 'operate'],
  ['level operate\nallow run /bin/true', run, 'operate'],
])('what the policy %j does not allow is written down, refused, and not done', (text, action, level) => {
  using set = node(text);
  const command = order(action);
  const refused = { outcome: 'refused', detail: `this node's policy is ${level}` };
  set.take(command);
  set.take(command);
  expect(set.begun).toEqual([]);
  expect(set.answers).toEqual([refused, refused]);
  expect(set.file()).toContain(`"outcome":"refused"`);
  set.restart();
  set.take(command);
  expect(set.answers[2]).toEqual(refused);
});

test('a command that lasts is answered when it has ended, and not begun twice meanwhile', async () => {
  using set = node('level admin');
  const command = order(run);
  set.take(command);
  set.take(command);
  expect(set.begun.map(({ what }) => what)).toEqual(['/bin/true']);
  expect(set.answers).toEqual([]);
  set.begun[0]?.end({ outcome: 'failed', detail: 'exit code 3', output: 'why\n' });
  await expect.poll(() => set.answers).toEqual([{ outcome: 'failed', detail: 'exit code 3', output: 'why\n' }]);
});

test('a receipt is sent again with its output; after a restart without it', async () => {
  using set = node('level admin');
  const command = order(run);
  set.take(command);
  set.begun[0]?.end({ outcome: 'done', output: 'fine\n' });
  await expect.poll(() => set.answers).toHaveLength(1);
  set.take(command);
  set.restart();
  set.take(command);
  expect(set.answers).toEqual([
    { outcome: 'done', output: 'fine\n' },
    { outcome: 'done', output: 'fine\n' },
    { outcome: 'done' },
  ]);
  expect(set.begun).toHaveLength(1);
  expect(set.file()).not.toContain('fine');
});

test('the outputs of the last few commands are held, and no more', async () => {
  using set = node('level admin');
  const commands = Array.from({ length: 9 }, () => order(run));
  for (const command of commands) set.take(command);
  for (const { end } of set.begun) end({ outcome: 'done', output: 'x' });
  await expect.poll(() => set.answers).toHaveLength(9);
  for (const command of commands) set.take(command);
  expect(set.answers.slice(9).map(({ output }) => output)).toEqual([undefined, ...Array<string>(8).fill('x')]);
});

test('a program that a crash of the node cut off has failed, and is not run again', () => {
  using set = node('level admin');
  const command = order(run);
  set.take(command);
  set.restart();
  set.take(command);
  expect(set.begun).toHaveLength(1);
  expect(set.answers).toEqual([{ outcome: 'failed', detail: 'interrupted' }]);
});

test('what can’t be followed to its end has failed', async () => {
  using set = node('level admin');
  set.take(order(run));
  set.begun[0]?.fail(new Error('lost'));
  await expect.poll(() => set.answers).toEqual([{ outcome: 'failed' }]);
});

test('a command that goes on after a restart is answered with its end alone', async () => {
  using set = node('level operate');
  const command = order(rotate);
  set.take(command);
  expect(set.begun.map(({ what }) => what)).toEqual([Buffer.from(command.id).toString('hex')]);
  set.restart();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  set.resume(command, promise);
  set.take(command);
  expect(set.answers).toEqual([]);
  resolve({ outcome: 'done' });
  await expect.poll(() => set.answers).toEqual([{ outcome: 'done' }]);
  set.restart();
  set.take(command);
  expect(set.answers).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
});

test('a command that was forgotten meanwhile is not answered when it ends', async () => {
  using set = node('level operate');
  set.resume(order(rotate), Promise.resolve({ outcome: 'done' }));
  await Promise.resolve();
  expect(set.answers).toEqual([]);
});

test('a command that is under way is not forgotten for others that have ended', () => {
  using state = new StateFolder();
  const few = openCommandLog(state.path, 3);
  const [lasting, ...ended] = ['a', 'b', 'c', 'd', 'e'].map((digit) => digit.repeat(32));
  few.begin(lasting ?? '', 1);
  for (const id of ended) {
    few.begin(id, 1000);
    few.finish(id, 'done');
  }
  few.finish(lasting ?? '', 'done');
  expect(few.outcomeOf(lasting ?? '')).toEqual({ outcome: 'done' });
  few.close();
});
