import { Allowance } from '@sealcast/hop/front/allowance';
import { frameCost } from '@sealcast/hop/front/limits';
import { Upward } from '@sealcast/relay/upward';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** A SUBSCRIBE under CURVE. */
const messageCost = 61 + frameCost;
const relay = { isAdmitted: true, isRelay: true };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function asked(number: number, kind = 1): Buffer {
  const bytes = Buffer.alloc(17);
  bytes[0] = kind;
  bytes.writeUInt32BE(number, 1);
  return bytes;
}

/** A relay's topics, and what the hop above thinks of each. */
function above() {
  const passed: Buffer[] = [];
  const allowance = new Allowance('dataOut');
  allowance.begin(true);
  const said: unknown[] = [];
  const upward = new Upward('dataOut', (message) => {
    passed.push(message);
    said.push(allowance.pay(messageCost, relay));
  });
  return { upward, passed, cuts: () => said.filter((one) => one !== 0) };
}

test('however many come and go, no more goes up than a relay may say', () => {
  const { upward, passed, cuts } = above();
  for (let number = 0; number < 20_000; number += 1) {
    upward.take(asked(number));
    if (number >= 500) upward.take(asked(number - 500, 0));
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(600_000);
  expect(passed.length).toBeGreaterThan(1000);
  expect(cuts()).toEqual([]);
});

test('a newcomer goes up before a crowd that waits', () => {
  const { upward, passed } = above();
  for (let number = 0; number < 10_000; number += 1) upward.take(asked(number));
  upward.take(asked(77_777));
  vi.advanceTimersByTime(4000);
  expect(passed).toContainEqual(asked(77_777));
});

test('where the line is there anew, all that is asked for and what follows is within what a relay may say', () => {
  const { upward, passed } = above();
  for (let number = 0; number < 10_000; number += 1) upward.take(asked(number));
  vi.advanceTimersByTime(3_600_000);
  const allowance = new Allowance('dataOut');
  allowance.begin(true);
  for (const _ of upward.topics.subscriptions()) expect(allowance.pay(messageCost, relay)).toBe(0);
  const before = passed.length;
  upward.connected();
  for (let number = 10_000; number < 12_000; number += 1) upward.take(asked(number));
  expect(passed.length).toBeGreaterThan(before);
  for (const _ of passed.slice(before)) expect(allowance.pay(messageCost, relay)).toBe(0);
});
