import { ReportInbox } from '@sealcast/master/fleet/report-inbox';
import type { Store } from '@sealcast/master/store/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sample } from '../sample.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const [a, b] = ['aa'.repeat(16), 'bb'.repeat(16)];

function inbox({ full = false } = {}) {
  /** Of each batch, the node and the number of samples of each report in it. */
  const batches: string[][] = [];
  const failed: unknown[] = [];
  const insert = (batch: { node: string; samples: readonly unknown[] }[]) => {
    if (full) throw new Error('database or disk is full');
    batches.push(batch.map(({ node, samples }) => `${node[0]}${samples.length}`));
  };
  const store = { samples: { insert } } as unknown as Store;
  return { batches, failed, inbox: new ReportInbox(store, (error) => failed.push(error)) };
}

const nothing = () => undefined;
const samples = (count: number) => Array.from({ length: count }, (_, index) => sample(index + 1, index + 1));

test('reports that come together are written together, and acknowledged after', () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(a, samples(1), stored);
  set.inbox.add(b, samples(2), stored);
  expect(set.batches).toEqual([]);
  expect(stored).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(set.batches).toEqual([['a1', 'b2']]);
  expect(stored).toHaveBeenCalledTimes(2);
});

test('a report without samples is acknowledged at once', () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(a, [], stored);
  expect(stored).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1000);
  expect(set.batches).toEqual([]);
});

test('of a node one report waits, and what came meanwhile is answered with it', () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(a, samples(64), stored);
  set.inbox.add(a, samples(3), stored);
  vi.advanceTimersByTime(1000);
  expect(set.batches).toEqual([['a64']]);
  expect(stored).toHaveBeenCalledTimes(2);
});

test('a node that floods takes no more than its turn, and the others are written in the same batch', () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  for (let report = 0; report < 1000; report += 1) set.inbox.add(a, samples(64), stored);
  set.inbox.add(b, samples(1), nothing);
  vi.advanceTimersByTime(1000);
  expect(set.batches).toEqual([['a64', 'b1']]);
  expect(stored.mock.calls.length).toBeLessThanOrEqual(2);
});

test('what many nodes have is written in pieces, the oldest first', () => {
  const set = inbox();
  const nodes = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(32));
  for (const node of nodes) set.inbox.add(node, samples(64), nothing);
  vi.advanceTimersToNextTimer();
  expect(set.batches).toEqual([['064', '164', '264', '364']]);
  vi.advanceTimersByTime(1000);
  expect(set.batches.flat()).toEqual(nodes.map((node) => `${node[0]}64`));
});

test('what waits of a node that is forgotten is not written', () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(a, samples(1), stored);
  set.inbox.add(b, samples(1), nothing);
  set.inbox.forget(a);
  vi.advanceTimersByTime(1000);
  expect(set.batches).toEqual([['b1']]);
  expect(stored).not.toHaveBeenCalled();
});

test('at the end everything is written', () => {
  const set = inbox();
  for (let node = 0; node < 10; node += 1) set.inbox.add(`${node}`.repeat(32), samples(64), nothing);
  set.inbox.flush();
  expect(set.batches.flat()).toHaveLength(10);
  expect(vi.getTimerCount()).toBe(0);
});

test('where nothing is left to write, nothing is written', () => {
  const set = inbox();
  set.inbox.add(a, samples(1), nothing);
  set.inbox.forget(a);
  vi.advanceTimersByTime(1000);
  set.inbox.add(a, samples(1), nothing);
  set.inbox.forget(a);
  set.inbox.flush();
  expect(set.batches).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('what can not be written is not acknowledged, and the next report is taken', () => {
  const set = inbox({ full: true });
  const stored = vi.fn<() => void>();
  set.inbox.add(a, samples(1), stored);
  vi.advanceTimersByTime(1000);
  set.inbox.add(a, samples(1), stored);
  vi.advanceTimersByTime(1000);
  expect(stored).not.toHaveBeenCalled();
  expect(set.failed).toHaveLength(2);
});

test("one node's failing acknowledgement is not the others' loss", () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(a, samples(1), () => {
    throw new Error('worn out');
  });
  set.inbox.add(b, samples(1), stored);
  vi.advanceTimersByTime(1000);
  expect(stored).toHaveBeenCalledOnce();
  expect(set.failed).toHaveLength(1);
});
