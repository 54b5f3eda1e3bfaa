import { expect, test } from 'vitest';
import { enrolled, hex, scratchStore } from './scratch-store.ts';

const action = { type: 'text', text: 'good morning' } as const;
const told = { outcome: 'done', detail: null, output: null } as const;

function fleetOfTwo() {
  const scratch = scratchStore();
  const nodes = [enrolled(scratch.store, '1'), enrolled(scratch.store, '2')] as const;
  const { commands } = scratch.store;
  const add = (digit: string, issued: number, targets: string[], number: number | null = null) => {
    const id = hex(digit, 32);
    commands.add({
      id,
      issued,
      expires: issued + 1000,
      by: 'admin',
      action,
      everyone: number !== null,
      number,
      targets,
    });
    return id;
  };
  return { commands, nodes, add, store: scratch.store, [Symbol.dispose]: () => scratch[Symbol.dispose]() };
}

test('a command waits for each of its targets', () => {
  using fleet = fleetOfTwo();
  const id = fleet.add('a', 5000, [...fleet.nodes]);
  expect(fleet.commands.find(id)).toEqual({
    id,
    issued: 5000,
    expires: 6000,
    by: 'admin',
    action,
    everyone: false,
    number: null,
    receipts: fleet.nodes.map((node) => ({ node, outcome: 'waiting', detail: null, output: null, at: null })),
  });
});

test('the first receipt of a node stands, and a repeated one is no news', () => {
  using fleet = fleetOfTwo();
  const id = fleet.add('a', 5000, [fleet.nodes[0]]);
  expect(fleet.commands.receipt(id, fleet.nodes[0], { ...told, detail: 'shown' }, 5100)).toBe(true);
  expect(fleet.commands.receipt(id, fleet.nodes[0], { ...told, outcome: 'failed' }, 5200)).toBe(false);
  expect(fleet.commands.find(id)?.receipts).toEqual([
    { node: fleet.nodes[0], outcome: 'done', detail: 'shown', output: null, at: 5100 },
  ]);
});

test('a receipt from a node that the command was not for changes nothing', () => {
  using fleet = fleetOfTwo();
  const id = fleet.add('a', 5000, [fleet.nodes[0]]);
  expect(fleet.commands.receipt(id, fleet.nodes[1], told, 5100)).toBe(false);
  expect(fleet.commands.receipt(hex('b', 32), fleet.nodes[1], told, 5100)).toBe(false);
  expect(fleet.commands.find(id)?.receipts).toHaveLength(1);
});

test('a broadcast takes the receipt of a node that joined after it, once', () => {
  using fleet = fleetOfTwo();
  const id = fleet.add('a', 5000, [fleet.nodes[0]], 1);
  expect(fleet.commands.receipt(id, fleet.nodes[1], told, 5100)).toBe(true);
  expect(fleet.commands.receipt(id, fleet.nodes[1], told, 5200)).toBe(false);
  expect(fleet.commands.receipt(id, hex('f', 32), told, 5200)).toBe(false);
  expect(fleet.commands.find(id)?.receipts.map(({ outcome }) => outcome)).toEqual(['waiting', 'done']);
});

test('unanswered are the commands that a node can still do, oldest first', () => {
  using fleet = fleetOfTwo();
  const [node, other] = fleet.nodes;
  fleet.add('a', 3000, [node]);
  const second = fleet.add('b', 5500, [node], 1);
  const first = fleet.add('c', 5000, [node]);
  const answered = fleet.add('d', 5000, [node]);
  fleet.add('e', 5000, [other]);
  fleet.commands.receipt(answered, node, told, 5100);
  expect(fleet.commands.unanswered(node, 5600).map(({ id }) => id)).toEqual([first, second]);
  expect(fleet.commands.unanswered(node, 6000).map(({ id }) => id)).toEqual([second]);
});

test('a broadcast is found by its number, for a node that it was given to', () => {
  using fleet = fleetOfTwo();
  const [node, other] = fleet.nodes;
  const id = fleet.add('a', 5000, [node], 7);
  fleet.add('b', 5000, [...fleet.nodes]);
  expect(fleet.commands.byNumber(7, node)?.id).toBe(id);
  expect(fleet.commands.byNumber(7, other)).toBeUndefined();
  expect(fleet.commands.byNumber(8, node)).toBeUndefined();
});

test('a broadcast number is never given to a second command', () => {
  using fleet = fleetOfTwo();
  fleet.add('a', 5000, [...fleet.nodes], 7);
  expect(() => fleet.add('b', 5000, [...fleet.nodes], 7)).toThrow('UNIQUE');
});

test('a command for a node that is not in the roster is not written at all', () => {
  using fleet = fleetOfTwo();
  expect(() => fleet.add('a', 5000, [fleet.nodes[0], hex('f', 32)])).toThrow('FOREIGN KEY');
  expect(fleet.commands.recent(10)).toEqual([]);
});

test('recent commands come newest first, and no more than asked for', () => {
  using fleet = fleetOfTwo();
  const ids = ['a', 'b', 'c'].map((digit) => fleet.add(digit, 5000, [fleet.nodes[0]]));
  expect(fleet.commands.recent(2).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
});

test('what a program wrote is kept with its receipt', () => {
  using fleet = fleetOfTwo();
  const id = fleet.add('a', 5000, [fleet.nodes[0]]);
  fleet.commands.receipt(id, fleet.nodes[0], { ...told, output: 'up 3 days\n' }, 5100);
  expect(fleet.commands.find(id)?.receipts).toMatchObject([{ outcome: 'done', output: 'up 3 days\n' }]);
});

test('of a node that is given up nothing is awaited, and what it answered or missed stays', () => {
  using fleet = fleetOfTwo();
  const [node, other] = fleet.nodes;
  const open = fleet.add('a', 5000, [node, other]);
  const done = fleet.add('b', 5000, [node]);
  const late = fleet.add('c', 3000, [node]);
  fleet.commands.receipt(done, node, told, 5100);
  expect(fleet.commands.giveUp(node, 'gone', 5200)).toEqual([open]);
  expect(fleet.commands.unanswered(node, 5200)).toEqual([]);
  expect(fleet.commands.find(open)?.receipts).toMatchObject([
    { node, outcome: 'expired', detail: 'gone', at: 5200 },
    { node: other, outcome: 'waiting' },
  ]);
  expect(fleet.commands.find(done)?.receipts).toMatchObject([{ outcome: 'done', at: 5100 }]);
  expect(fleet.commands.find(late)?.receipts).toMatchObject([{ outcome: 'waiting', at: null }]);
});
