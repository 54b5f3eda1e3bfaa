import { HandshakeTurns } from '@sealcast/hop/front/handshake-turns';
import { handshakeRate } from '@sealcast/hop/front/limits';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const { burst, perSecond } = handshakeRate;
const turnMs = Math.ceil(1000 / perSecond);
const waiting = 60;
const tries = 100;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** @returns who has had its turn, in that order, and how somebody comes */
function place() {
  const turns = new HandshakeTurns();
  const had: string[] = [];
  const come = (name: string, domain: 'join' | 'data' = 'data', group = 'a') => {
    const one = { group, domain, turn: () => had.push(name) };
    if (turns.come(one)) one.turn();
    return () => turns.leave(one);
  };
  return { had, come };
}

/** With so many already taken as may be at once. */
function spent() {
  const { had, come } = place();
  for (let count = 0; count < burst; count += 1) come('early');
  had.length = 0;
  return { had, come };
}

test('whose turn it is among those of one address is drawn: who came last may be first, and last', () => {
  const places = Array.from({ length: tries }, () => {
    const { had, come } = spent();
    for (let count = 1; count < waiting; count += 1) come('other');
    come('last');
    vi.advanceTimersByTime(waiting * turnMs);
    expect(had).toHaveLength(waiting);
    return had.indexOf('last');
  });
  // Each quarter has a chance of a fourth, each time.
  const quarters = new Set(places.map((index) => Math.floor((4 * index) / waiting)));
  expect(quarters).toEqual(new Set([0, 1, 2, 3]));
});

test('who would join and who has joined have their turns by turns, and where one is missing the other has them all', () => {
  const { had, come } = spent();
  for (let count = 0; count < 20; count += 1) come('data');
  for (let count = 0; count < 2; count += 1) come('join', 'join');
  vi.advanceTimersByTime(7 * turnMs);
  expect(had.slice(0, 6)).toEqual(['join', 'data', 'join', 'data', 'data', 'data']);
});

test('who leaves has no turn, and nobody of another address waits', () => {
  const { had, come } = spent();
  const leave = come('gone');
  come('stays');
  leave();
  come('another', 'data', 'b');
  expect(had).toEqual(['another']);
  vi.advanceTimersByTime(2 * turnMs);
  expect(had).toEqual(['another', 'stays']);
  expect(vi.getTimerCount()).toBe(0);
});
