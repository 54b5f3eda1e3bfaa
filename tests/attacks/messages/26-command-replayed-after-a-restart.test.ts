// The attacker is a middle that has recorded every order and can have a node lose its power at any moment; what it sends again after
// the start, and what the master repeats by itself because no receipt came, must not be done a second time.
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandRetryMs } from '@sealcast/channel/constants';
import type { Action } from '@sealcast/master/fleet/views';
import { expect, test } from 'vitest';
import { ServiceProcess } from '../../stack/service-process.ts';
import { kinds } from '../../twin/envelope.ts';
import { FarSite } from './far-site.ts';

const patient = { timeout: 20_000 };
const minute = 60_000;

const texts = (node: ServiceProcess, text: string) => node.lines.filter((line) => line['text'] === text).length;

test('a command that comes again after its node was killed is not done again, wherever it was cut off', {
  timeout: 3 * minute,
}, async () => {
  await using site = await FarSite.start();
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sealcast-'));
  const file = (name: string) => join(folder.path, name);
  const lines = (name: string) =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').length - 1 : 0;
  writeFileSync(file('policy'), 'level admin\n', { mode: 0o644 });
  const start = async () => {
    const env = {
      mq_invite_code: site.invite(),
      state_dir: file('state'),
      policy_file: file('policy'),
      log_level: 'debug',
    };
    const node = new ServiceProcess('node', env);
    const acks = site.recorded(kinds.ACK).length;
    await node.says('joined the master');
    // It hears what comes under its topics.
    await expect.poll(() => site.recorded(kinds.ACK).length, patient).toBeGreaterThan(acks);
    return node;
  };

  await using first = await start();
  await site.hears();
  const [node] = site.wire.fleet.nodes();
  if (node === undefined) throw new Error('no node has joined');
  const run = (script: string) => {
    const action: Action = { type: 'run', program: '/bin/sh', arguments: ['-c', script], seconds: 50 };
    return site.wire.fleet.command({ action, targets: [node.id], expiresInSeconds: 600, by: 'admin' }).id;
  };
  const receiptOf = (id: string) =>
    site.wire.fleet
      .commands(20)
      .find((command) => command.id === id)
      ?.receipts.find((receipt) => receipt.node === node.id);
  const waits = `while [ ! -e ${file('go')} ]; do sleep 0.1; done`;

  // No receipt comes through: to the master, nothing was done yet.
  site.relay.meddle = (carried) => (carried.frame[2] === kinds.RECEIPT ? [] : [carried]);
  const ids = {
    // What it does is still to come; it is done, and has not ended; it has ended, and was written down.
    begun: run(`echo . >> ${file('begins')}; ${waits}; echo . >> ${file('begun')}`),
    done: run(`echo . >> ${file('done')}; ${waits}`),
    ended: run(`echo . >> ${file('ended')}`),
    text: site.text('to all of you'),
    own: site.text('to you alone', [node.id]),
  };
  const writtenDown = () => readFileSync(file('state/commands'), 'utf8');
  const hasEnded = (id: string) => new RegExp(`"id":"${id}".*"outcome":"done"`).test(writtenDown());
  await expect.poll(() => [lines('begins'), lines('done'), lines('ended')], patient).toEqual([1, 1, 1]);
  await expect.poll(() => [ids.ended, ids.text, ids.own].every(hasEnded), patient).toBe(true);
  expect([ids.begun, ids.done].map(hasEnded)).toEqual([false, false]);
  expect(writtenDown()).toContain(ids.begun);
  expect(['to all of you', 'to you alone'].map((text) => texts(first, text))).toEqual([1, 1]);
  await first.stop('SIGKILL');
  const recorded = site.relay.recorded.filter(({ direction, name }) => direction === 'down' && name === 'data');

  // What was recorded comes first: a broadcast of an epoch that goes on is as good as new to a program that has just started.
  await using second = await start();
  site.relay.meddle = (carried) => [carried];
  const receipts = site.recorded(kinds.RECEIPT).length;
  for (const one of recorded) site.relay.pass(one);
  const broadcasts = recorded.filter(({ frame }) => frame[2] === kinds.BROADCAST).length;
  await expect.poll(() => site.recorded(kinds.RECEIPT).length, patient).toBe(receipts + broadcasts);
  await expect.poll(() => receiptOf(ids.text)?.outcome, patient).toBe('done');

  // And then what the master repeats.
  const commands = site.recorded(kinds.COMMAND).length;
  site.wire.ahead += commandRetryMs;
  site.wire.fleet.tick();
  await expect.poll(() => receiptOf(ids.own)?.outcome, patient).toBe('done');
  await expect.poll(() => receiptOf(ids.ended)?.outcome, patient).toBe('done');
  await expect.poll(() => receiptOf(ids.begun), patient).toMatchObject({ outcome: 'failed', detail: 'interrupted' });
  await expect.poll(() => receiptOf(ids.done), patient).toMatchObject({ outcome: 'failed', detail: 'interrupted' });
  expect(site.recorded(kinds.COMMAND).length).toBe(commands + 4);

  // The programs that the killed node had begun are still there, and end now.
  expect([lines('begins'), lines('begun'), lines('done'), lines('ended')]).toEqual([1, 0, 1, 1]);
  writeFileSync(file('go'), '');
  await expect.poll(() => lines('begun'), patient).toBe(1);

  // Killed once more, and given all of it once more.
  await second.stop('SIGKILL');
  await using third = await start();
  for (const one of recorded) site.relay.pass(one);
  const after = run(`echo . >> ${file('after')}`);
  await expect.poll(() => receiptOf(after)?.outcome, patient).toBe('done');
  expect(['begins', 'begun', 'done', 'ended', 'after'].map(lines)).toEqual([1, 1, 1, 1, 1]);
  for (const later of [second, third])
    expect(['to all of you', 'to you alone'].map((text) => texts(later, text))).toEqual([0, 0]);
});
