import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyone } from '@sealcast/channel/ids';
import type { Command, Receipt } from '@sealcast/channel/payloads';
import { openCommandLog } from '@sealcast/node/command-log';
import { Interval } from '@sealcast/node/interval';
import { obey } from '@sealcast/node/orders';
import { createLog } from '@sealcast/runtime/log';
import { expect, test } from 'vitest';

const log = createLog('test', 'silent');
const id = Buffer.alloc(16, 1);
const nowMs = Date.now();

function order(changes: Partial<Command> = {}): Command {
  const action = { type: 'interval' as const, seconds: 7 };
  return { id: Buffer.alloc(16, 9), target: everyone, issued: nowMs, expires: nowMs + 60_000, action, ...changes };
}

function node() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  let commandLog = openCommandLog(folder);
  const done: number[] = [];
  const answers: Receipt['outcome'][] = [];
  const refused: string[] = [];
  let breaks = false;
  const interval = new Interval((seconds) => {
    if (breaks) throw new Error('broken');
    done.push(seconds);
  });
  const take = (command: Command, atMs = nowMs) =>
    obey(command, {
      id,
      commandLog,
      now: () => atMs,
      policy: { level: 'observe', allows: () => true },
      interval,
      programs: { run: () => Promise.reject(new Error('no program is run here')) },
      rotate: () => Promise.reject(new Error('no identity is taken here')),
      answer: ({ outcome }) => answers.push(outcome),
      refused: (code) => refused.push(code),
      log,
    });
  return {
    take,
    done,
    answers,
    refused,
    break: () => (breaks = true),
    restart: () => {
      commandLog.close();
      commandLog = openCommandLog(folder);
    },
    [Symbol.dispose]: () => {
      commandLog.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test('a command for everyone, or for this node, is done and answered', () => {
  using set = node();
  set.take(order());
  set.take(order({ id: Buffer.alloc(16, 8), target: id }));
  expect(set.done).toEqual([7, 7]);
  expect(set.answers).toEqual(['done', 'done']);
});

test('a command for another node is refused, and gets no answer', () => {
  using set = node();
  set.take(order({ target: Buffer.alloc(16, 2) }));
  expect(set).toMatchObject({ done: [], answers: [], refused: ['command.target'] });
});

test('the same command again is answered, and not done', () => {
  using set = node();
  set.take(order());
  set.take(order());
  expect(set.done).toEqual([7]);
  expect(set.answers).toEqual(['done', 'done']);
});

test('an interval that was ordered before the one that holds is answered as done, and not set', () => {
  using set = node();
  set.take(order({ id: Buffer.alloc(16, 2), issued: nowMs + 1, action: { type: 'interval', seconds: 10 } }));
  set.take(order({ id: Buffer.alloc(16, 1), action: { type: 'interval', seconds: 5 } }));
  expect(set.done).toEqual([10]);
  expect(set.answers).toEqual(['done', 'done']);
});

test('a command is not done again after a restart', () => {
  using set = node();
  set.take(order());
  set.restart();
  set.take(order());
  expect(set.done).toEqual([7]);
  expect(set.answers).toEqual(['done', 'done']);
});

test('a command past its time is answered as expired', () => {
  using set = node();
  set.take(order(), nowMs + 60_000);
  expect(set).toMatchObject({ done: [], answers: ['expired'], refused: ['command.expired'] });
});

test('a command that fails is answered as failed, and not tried again', () => {
  using set = node();
  set.break();
  set.take(order());
  set.take(order());
  expect(set.answers).toEqual(['failed', 'failed']);
});
