import { type Reporter, ReportInbox } from '@sealcast/master/fleet/report-inbox';
import type { Store } from '@sealcast/master/store/store';
import { expect, test, vi } from 'vitest';
import { sample } from '../sample.ts';

function inbox({ full = false } = {}) {
  const batches: number[][] = [];
  const failed: unknown[] = [];
  const insert = (batch: { samples: readonly unknown[] }[]) => {
    if (full) throw new Error('database or disk is full');
    batches.push(batch.map(({ samples }) => samples.length));
  };
  const store = { samples: { insert } } as unknown as Store;
  return { batches, failed, inbox: new ReportInbox(store, (error) => failed.push(error)) };
}

function reporter(stored: () => void = () => undefined): Reporter {
  return { node: '11'.repeat(16), stored };
}

const samples = (count: number) => Array.from({ length: count }, (_, index) => sample(index + 1, index + 1));

test('reports that come together are written together, and acknowledged after', () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(reporter(stored), samples(1));
  set.inbox.add(reporter(stored), samples(2));
  expect(set.batches).toEqual([]);
  expect(stored).not.toHaveBeenCalled();
  set.inbox.flush();
  expect(set.batches).toEqual([[1, 2]]);
  expect(stored).toHaveBeenCalledTimes(2);
});

test('many samples do not wait for the clock', () => {
  const set = inbox();
  for (let report = 0; report < 4; report += 1) set.inbox.add(reporter(), samples(64));
  expect(set.batches).toEqual([[64, 64, 64, 64]]);
});

test('what can not be written is not acknowledged', () => {
  const set = inbox({ full: true });
  const stored = vi.fn<() => void>();
  set.inbox.add(reporter(stored), samples(1));
  set.inbox.flush();
  expect(stored).not.toHaveBeenCalled();
  expect(set.failed).toHaveLength(1);
});

test("one node's failing acknowledgement is not the others' loss", () => {
  const set = inbox();
  const stored = vi.fn<() => void>();
  set.inbox.add(
    reporter(() => {
      throw new Error('worn out');
    }),
    samples(1),
  );
  set.inbox.add(reporter(stored), samples(1));
  set.inbox.flush();
  expect(stored).toHaveBeenCalledOnce();
  expect(set.failed).toHaveLength(1);
});
