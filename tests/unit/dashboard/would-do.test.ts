import { allows, parsePolicy } from '@sealcast/node/policy/policy';
import { expect, test } from 'vitest';
import type { Action, Policy } from '../../../services/dashboard/src/api/types.ts';
import { missingLine, wouldDo } from '../../../services/dashboard/src/policy/would-do.ts';

const orders: Record<string, Action> = {
  text: { type: 'text', text: 'x' },
  interval: { type: 'interval', seconds: 1 },
  rotate: { type: 'rotate' },
  run: run('/bin/true'),
};

function run(program: string, ...args: string[]): Action {
  return { type: 'run', program, arguments: args, seconds: 1 };
}

function policy(changes: Partial<Policy> = {}): Policy {
  return { level: 'observe', allowed: [], more: 0, ...changes };
}

test.each([
  [undefined, { text: true, interval: true, rotate: null, run: null }],
  [policy(), { text: true, interval: true, rotate: false, run: false }],
  [policy({ level: 'operate' }), { text: true, interval: true, rotate: true, run: false }],
  [policy({ level: 'admin' }), { text: true, interval: true, rotate: true, run: true }],
  [policy({ allowed: ['rotate'] }), { text: true, interval: true, rotate: true, run: false }],
  [policy({ allowed: ['run /bin/true'] }), { text: true, interval: true, rotate: false, run: true }],
  [policy({ more: 1 }), { text: true, interval: true, rotate: null, run: null }],
])('a node that tells %j would do what it lets be done', (told, expected) => {
  expect(Object.fromEntries(Object.entries(orders).map(([name, order]) => [name, wouldDo(told, order)]))).toEqual(
    expected,
  );
});

test('a program is allowed with its arguments, and not with those that would be read as others', () => {
  const told = policy({ allowed: ['run /bin/echo one two', 'run /bin/echo  x'] });
  expect(wouldDo(told, run('/bin/echo', 'one', 'two'))).toBe(true);
  for (const other of [run('/bin/echo'), run('/bin/echo', 'one two'), run('/bin/echo', '', 'x'), run('')])
    expect(wouldDo(told, other)).toBe(false);
});

test.each([
  [orders['text'], null],
  [orders['rotate'], 'allow rotate'],
  [run('/bin/echo', 'one', 'two'), 'allow run /bin/echo one two'],
  [run('/bin/echo', 'one two'), 'level admin'],
  [run('/bin/echo', '#1'), 'level admin'],
])('what a policy lacks that refuses %j is %j, as a node reads it', (order, line) => {
  if (order === undefined) throw new Error('there is such an order');
  expect(missingLine(order)).toBe(line);
  expect(allows(parsePolicy(line ?? ''), order)).toBe(true);
});
