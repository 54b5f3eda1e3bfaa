import { ackTimeoutMs, ackTries, keepaliveMs, reportSamples } from '@sealcast/channel/constants';
import type { UpMessage } from '@sealcast/channel/session';
import { Reporter } from '@sealcast/node/reporter';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function place(spooled: { number: number }): { number: number } {
  return spooled;
}

function reporter(waiting: number[]) {
  const sent: number[][] = [];
  const unanswered = vi.fn<() => void>();
  const spool = {
    oldest: (count: number) => waiting.slice(0, count).map((number) => ({ number })),
    confirm: (through: number) => waiting.splice(0, waiting.filter((number) => number <= through).length),
  };
  const send = (message: UpMessage) => {
    if (message.kind === 'report') sent.push(message.body.samples.map(({ number }) => number));
    return true;
  };
  return { waiting, sent, unanswered, reporter: new Reporter({ spool, send, place, unanswered } as never) };
}

test('the oldest are sent first, as many as a report holds, and the rest after the ACK', () => {
  const set = reporter(Array.from({ length: reportSamples + 2 }, (_, index) => index + 1));
  set.reporter.begin();
  expect(set.sent).toHaveLength(1);
  expect(set.sent[0]).toHaveLength(reportSamples);
  set.reporter.acknowledged(reportSamples);
  expect(set.sent[1]).toEqual([reportSamples + 1, reportSamples + 2]);
});

test('one report is under way at a time', () => {
  const set = reporter([1]);
  set.reporter.begin();
  set.waiting.push(2);
  set.reporter.wake();
  expect(set.sent).toEqual([[1]]);
  set.reporter.acknowledged(1);
  expect(set.sent).toEqual([[1], [2]]);
});

test('an ACK of an earlier report starts no other beside the one under way', () => {
  const set = reporter([1]);
  set.reporter.begin();
  vi.advanceTimersByTime(ackTimeoutMs);
  set.waiting.push(2);
  set.reporter.acknowledged(1);
  set.waiting.push(3);
  set.reporter.acknowledged(1);
  expect(set.sent).toEqual([[1], [1], [2]]);
  set.reporter.acknowledged(2);
  expect(set.sent).toEqual([[1], [1], [2], [3]]);
});

test('an ACK of an earlier report does not stand for the one that is missing', () => {
  const set = reporter([2]);
  set.reporter.begin();
  for (let left = ackTries; left > 0; left--) {
    set.reporter.acknowledged(1);
    vi.advanceTimersByTime(ackTimeoutMs);
  }
  expect(set.sent).toEqual(Array.from({ length: ackTries }, () => [2]));
  expect(set.unanswered).toHaveBeenCalledOnce();
});

test('what is not confirmed is sent again, and given up after the last try', () => {
  const set = reporter([1]);
  set.reporter.begin();
  vi.advanceTimersByTime(ackTimeoutMs * (ackTries - 1));
  expect(set.sent).toEqual(Array.from({ length: ackTries }, () => [1]));
  expect(set.unanswered).not.toHaveBeenCalled();
  vi.advanceTimersByTime(ackTimeoutMs);
  expect(set.unanswered).toHaveBeenCalledOnce();
  expect(set.waiting).toEqual([1]);
});

test('a node with nothing to tell says so', () => {
  const set = reporter([]);
  set.reporter.begin();
  set.reporter.acknowledged(0);
  vi.advanceTimersByTime(keepaliveMs);
  expect(set.sent).toEqual([[], []]);
});

test('nothing is sent once the session is lost, and all that waits when it is back', () => {
  const set = reporter([1]);
  set.reporter.begin();
  set.reporter.end();
  set.waiting.push(2);
  set.reporter.wake();
  vi.advanceTimersByTime(ackTimeoutMs * 10);
  expect(set.sent).toEqual([[1]]);
  set.reporter.begin();
  expect(set.sent[1]).toEqual([1, 2]);
});
