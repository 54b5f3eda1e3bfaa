import { FactsDesk } from '@sealcast/master/fleet/facts-desk';
import { expect, test, vi } from 'vitest';
import { facts } from '../sample.ts';
import { enrolled, scratchStore } from '../store/scratch-store.ts';

const start = 1_000_000;

function desk() {
  const scratch = scratchStore();
  const node = enrolled(scratch.store, '1');
  const written: string[] = [];
  const made = new FactsDesk(scratch.store, (_node, { name }) => written.push(name));
  return {
    node,
    written,
    desk: made,
    store: scratch.store,
    take: (name: string, nowMs: number) => made.take(node, { ...facts, name }, nowMs),
    onDisk: () => scratch.store.roster.find(node)?.facts?.name,
    [Symbol.dispose]: () => scratch[Symbol.dispose](),
  };
}

test('what a node tells is on disk at once', () => {
  using set = desk();
  set.take('pi', start);
  expect([set.onDisk(), set.written]).toEqual(['pi', ['pi']]);
});

test('a node that tells again and again is written down once a second, with what it told last', () => {
  using set = desk();
  for (let times = 0; times < 100; times += 1) set.take(`pi ${times}`, start + times);
  set.desk.sweep(start + 999);
  expect(set.written).toEqual(['pi 0']);
  set.desk.sweep(start + 1000);
  set.desk.sweep(start + 5000);
  expect([set.onDisk(), set.written]).toEqual(['pi 99', ['pi 0', 'pi 99']]);
});

test('one node does not make another one wait', () => {
  using set = desk();
  const other = enrolled(set.store, '2');
  set.take('pi', start);
  set.desk.take(other, { ...facts, name: 'other' }, start);
  expect(set.written).toEqual(['pi', 'other']);
});

test('at the end what had to wait is written', () => {
  using set = desk();
  set.take('old', start);
  set.take('new', start);
  set.desk.flush();
  expect(set.onDisk()).toBe('new');
});

test('what waits of a node that is forgotten is not written', () => {
  using set = desk();
  set.take('old', start);
  set.take('new', start);
  set.desk.forget(set.node);
  set.desk.flush();
  expect(set.onDisk()).toBe('old');
});

test('what can not be written waits for the next time', () => {
  using set = desk();
  using full = vi.spyOn(set.store.roster, 'setFacts').mockImplementationOnce(() => {
    throw new Error('database or disk is full');
  });
  expect(() => set.take('pi', start)).toThrow('disk is full');
  expect(full).toHaveBeenCalledOnce();
  set.desk.sweep(start + 1);
  expect(set.onDisk()).toBe('pi');
});
