import type { FleetEvent } from '@sealcast/master/fleet/fleet-port';
import { FleetNews } from '@sealcast/master/fleet/news';
import type { NodeView } from '@sealcast/master/fleet/views';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function news({ breaks = false } = {}) {
  const asked: string[] = [];
  const failed = vi.fn<(error: unknown) => void>();
  const node = (id: string) => {
    if (breaks) throw new Error('broken');
    asked.push(id);
    return { id } as NodeView;
  };
  return { asked, failed, news: new FleetNews({ node, command: () => undefined, failed }) };
}

test('nothing is put together while nobody listens', () => {
  const set = news();
  set.news.node('a');
  vi.advanceTimersByTime(1000);
  expect(set.asked).toEqual([]);
});

test('what changes many times at once is told once, to everybody', () => {
  const set = news();
  const heard: FleetEvent[] = [];
  set.news.on((event) => heard.push(event));
  set.news.on((event) => heard.push(event));
  for (let change = 0; change < 5; change += 1) set.news.node('a');
  set.news.node('b');
  vi.advanceTimersByTime(1000);
  expect(set.asked).toEqual(['a', 'b']);
  expect(heard).toHaveLength(4);
});

test('a node that was removed is told as such, once', () => {
  const set = news();
  const heard: FleetEvent[] = [];
  set.news.on((event) => heard.push(event));
  set.news.removed('a');
  set.news.removed('a');
  vi.advanceTimersByTime(1000);
  set.news.node('b');
  vi.advanceTimersByTime(1000);
  expect(heard).toEqual([
    { type: 'removed', id: 'a' },
    { type: 'node', node: { id: 'b' } },
  ]);
});

test('a change of the transport is told at once', () => {
  const set = news();
  const heard: FleetEvent[] = [];
  set.news.on((event) => heard.push(event));
  const transport = { up: true, since: 1, restarts: 0 };
  set.news.transport(transport);
  expect(heard).toEqual([{ type: 'transport', transport }]);
});

test('who has left hears no more', () => {
  const set = news();
  const listener = vi.fn<(event: FleetEvent) => void>();
  set.news.on(listener)();
  set.news.node('a');
  vi.advanceTimersByTime(1000);
  expect(listener).not.toHaveBeenCalled();
});

test('what can not be told ends nothing', () => {
  const set = news({ breaks: true });
  set.news.on(() => undefined);
  set.news.node('a');
  vi.advanceTimersByTime(1000);
  expect(set.failed).toHaveBeenCalledOnce();
});
