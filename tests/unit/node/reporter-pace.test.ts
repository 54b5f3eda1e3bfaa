import { Allowance } from '@sealcast/channel/allowance';
import { reportSamples, sessionRate } from '@sealcast/channel/constants';
import { Reporter } from '@sealcast/node/reporter';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const place = (spooled: { number: number }) => spooled;

/** A reporter with as many full reports to send, each of which is confirmed at once; `take` sees them go. */
function catchUp(reports: number, take: () => void) {
  let confirmed = 0;
  const last = reports * reportSamples;
  const spool = {
    oldest: (count: number) =>
      Array.from({ length: Math.min(count, last - confirmed) }, (_, index) => ({ number: confirmed + index + 1 })),
    confirm: (through: number) => (confirmed = Math.max(confirmed, through)),
  };
  const send = () => {
    take();
    const through = Math.min(last, confirmed + reportSamples);
    queueMicrotask(() => reporter.acknowledged(through));
    return true;
  };
  const reporter = new Reporter({ spool, send, place, unanswered: () => undefined } as never);
  return { reporter, left: () => last - confirmed };
}

test('a node that catches up on days says no more than a session may, and is done in due time', async () => {
  const allowance = new Allowance(performance.now());
  const refused: number[] = [];
  let sent = 0;
  const { reporter, left } = catchUp(900, () => {
    sent += 1;
    if (!allowance.take(performance.now())) refused.push(sent);
  });
  reporter.begin();
  await vi.advanceTimersByTimeAsync((900 / sessionRate) * 2 * 1000);
  expect(refused).toEqual([]);
  expect(left()).toBe(0);
});

test('what waited for minutes goes at once', async () => {
  let sent = 0;
  const { reporter } = catchUp(10, () => (sent += 1));
  reporter.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toBe(10);
});
