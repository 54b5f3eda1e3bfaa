import { awayMs } from '@sealcast/channel/constants';
import { PresenceBook } from '@sealcast/master/fleet/presence';
import { expect, test } from 'vitest';

const node = '11'.repeat(16);

test('a node that never reported is known as such, since it joined', () => {
  const book = new PresenceBook();
  book.know(node, 1000, null);
  expect(book.of(node)).toEqual({ state: 'never', since: 1000, lastSeen: null });
});

test('a node of an earlier run is away since it was last seen', () => {
  const book = new PresenceBook();
  book.know(node, 1000, 5000);
  expect(book.of(node)).toEqual({ state: 'away', since: 5000, lastSeen: 5000 });
});

test('a word makes a node alive, and only the first is news', () => {
  const book = new PresenceBook();
  book.know(node, 1000, null);
  expect(book.seen(node, 2000)).toBe(true);
  expect(book.seen(node, 3000)).toBe(false);
  expect(book.of(node)).toEqual({ state: 'alive', since: 2000, lastSeen: 3000 });
});

test('a silent node goes away once, since its last word', () => {
  const book = new PresenceBook();
  book.seen(node, 2000);
  expect(book.sweep(2000 + awayMs - 1)).toEqual([]);
  expect(book.sweep(2000 + awayMs)).toEqual([node]);
  expect(book.sweep(2000 + awayMs)).toEqual([]);
  expect(book.of(node)).toEqual({ state: 'away', since: 2000, lastSeen: 2000 });
});

test('a node that says that it stops is away at once', () => {
  const book = new PresenceBook();
  book.seen(node, 2000);
  book.left(node, 2500);
  expect(book.of(node)).toEqual({ state: 'away', since: 2500, lastSeen: 2500 });
  expect(book.sweep(1e9)).toEqual([]);
});

test('of a node that is forgotten nothing is known', () => {
  const book = new PresenceBook();
  book.seen(node, 2000);
  book.forget(node);
  expect(book.of(node)).toBeUndefined();
  expect(book.sweep(1e9)).toEqual([]);
});
