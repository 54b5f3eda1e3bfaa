// What libzmq holds in all: the count, and what is done at its bound.
import { HeldBound, type Sender } from '@sealcast/hop/front/held-bound';
import { HeldInAll } from '@sealcast/hop/front/held-in-all';
import { heldMax } from '@sealcast/hop/front/limits';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const frameCost = 64;
const cost = (...sizes: number[]) => sizes.reduce((sum, size) => sum + size + frameCost, 0);

test('two who share a size can lower nothing: what is held is what went in less what came out', () => {
  const held = new HeldInAll<string>(33);
  // One message without an end by the first; whole ones of the same sizes, which come out, by the second.
  for (let count = 0; count < 50; count += 1) {
    held.began('endless', 133);
    held.began('whole', 133);
    held.delivered(100);
  }
  expect(held.total).toBe(50 * cost(133));
  expect(held.possible('endless')).toBe(50 * cost(133));
  expect(held.possible('whole')).toBe(50 * cost(133));
  held.gone('endless');
  expect(held.total).toBe(50 * cost(133));
  held.gone('whole');
  expect(held.total).toBe(0);
});

test('of a size each holds its newest, no more than are left in all; what it sent before the others is out, and what later is not', () => {
  const held = new HeldInAll<string>(0);
  for (const size of [7, 500, 7, 500, 9]) held.began('one', size);
  for (const size of [7, 500, 7]) held.began('other', size);
  held.delivered(500);
  held.delivered(500);
  expect(held.total).toBe(cost(7, 500, 9) + cost(7, 7));
  held.delivered(500);
  expect(held.total).toBe(cost(9) + cost(7));
  expect([held.possible('one'), held.possible('other')]).toEqual([cost(9), cost(7)]);
});

test('heartbeats, which never come out, do not add up', () => {
  const held = new HeldInAll<number>(33);
  const nodes = Array.from({ length: 20 }, (_, node) => node);
  for (let round = 0; round < 100; round += 1) {
    for (const node of nodes) for (const size of [40, 38, 300]) held.began(node, size);
    for (const _ of nodes) held.delivered(267);
  }
  expect(held.total).toBe(0);
});

test('who keeps one frame of each size for ever does not make what others send add up', () => {
  const held = new HeldInAll<string>(33);
  const sizes = Array.from({ length: 20 }, (_, index) => 100 + index);
  for (const size of sizes) held.began('endless', size + 33);
  const endless = held.total;
  for (let round = 0; round < 200; round += 1) {
    for (const size of sizes) {
      for (const sent of [40, 38, size + 33]) held.began('node', sent);
      held.delivered(size);
    }
  }
  expect(held.possible('node')).toBe(endless + sizes.length * cost(40, 38));
  expect(held.total).toBe(endless + sizes.length * cost(40, 38));
  held.gone('node');
  expect(held.total).toBe(endless);
});

test('nobody can hold more of a size than is held of it', () => {
  const held = new HeldInAll<string>(0);
  for (let count = 0; count < 5; count += 1) for (const one of ['one', 'other']) held.began(one, 10);
  for (let count = 0; count < 7; count += 1) held.delivered(10);
  expect([held.possible('one'), held.possible('other')]).toEqual([cost(10, 10, 10), cost(10, 10, 10)]);
});

test('what nobody sent is taken off from nobody', () => {
  const held = new HeldInAll<string>(33);
  held.began('one', 133);
  held.delivered(101);
  held.gone('another');
  expect(held.total).toBe(cost(133));
});

test('whatever comes in whatever order, the count is never below what is held', () => {
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const held = new HeldInAll<number>(0);
  const queues = new Map<number, number[]>();
  for (let step = 0; step < 20_000; step += 1) {
    const one = random(6);
    const queue = queues.get(one) ?? [];
    queues.set(one, queue);
    const act = random(20);
    if (act < 11) {
      const size = 10 * random(5);
      held.began(one, size);
      queue.push(size);
    } else if (act < 19) {
      // The oldest comes out, or is a command and does not.
      const size = queue.shift();
      if (size !== undefined && random(4) > 0) held.delivered(size);
    } else {
      queues.delete(one);
      held.gone(one);
    }
    const real = [...queues.values()].reduce((sum, sizes) => sum + cost(...sizes), 0);
    expect(held.total).toBeGreaterThanOrEqual(real);
    expect(held.possible(one)).toBeGreaterThanOrEqual(cost(...(queues.get(one) ?? [])));
    if (real === 0) for (const gone of queues.keys()) held.gone(gone);
  }
  for (const one of queues.keys()) held.gone(one);
  expect(held.total).toBe(0);
});

type Named = Partial<Pick<Sender, 'group' | 'hopKey' | 'isRelay'>>;

class Peer implements Sender {
  readonly group: string;
  readonly hopKey: string | undefined;
  readonly isRelay: boolean;
  isHeld = false;
  why = '';

  constructor({ group = 'everybody', hopKey, isRelay = false }: Named) {
    this.group = group;
    this.hopKey = hopKey;
    this.isRelay = isRelay;
  }

  hold(): void {
    this.isHeld = true;
  }
  release(): void {
    this.isHeld = false;
  }
  cut(reason: string): void {
    this.why = reason;
  }
}

let isEmpty = true;
let bound: HeldBound;
const full = 10 * cost(100);

function newBound(shares: { perAddress?: number; perKey?: number } = {}): HeldBound {
  return new HeldBound({ overhead: 0, max: full, ...shares, ifEmpty: (then) => isEmpty && then() });
}

beforeEach(() => {
  vi.useFakeTimers();
  isEmpty = true;
  bound = newBound();
});
afterEach(() => {
  bound.close();
  vi.useRealTimers();
});

function peers(count: number, named: Named = {}): Peer[] {
  const made = Array.from({ length: count }, () => new Peer(named));
  for (const peer of made) bound.admitted(peer);
  return made;
}

function says(peer: Peer | undefined, count: number): void {
  for (let sent = 0; sent < count; sent += 1) if (peer !== undefined) bound.began(peer, 100);
}

test('at the bound nobody is read from, who comes then neither, until half of it has come out', () => {
  const [one, other] = peers(2);
  says(one, 10);
  expect(one?.isHeld).toBe(false);
  says(one, 1);
  const [late] = peers(1);
  expect([one, other, late].map((peer) => peer?.isHeld)).toEqual([true, true, true]);
  for (let count = 0; count < 5; count += 1) bound.delivered(100);
  expect(one?.isHeld).toBe(true);
  bound.delivered(100);
  expect([one, other, late].map((peer) => peer?.isHeld)).toEqual([false, false, false]);
  expect([one, other, late].map((peer) => peer?.why)).toEqual(['', '', '']);
});

test('as long as whole messages wait, nobody is cut for it', () => {
  isEmpty = false;
  const [one] = peers(1);
  says(one, 11);
  vi.advanceTimersByTime(60_000);
  expect([one?.isHeld, one?.why]).toEqual([true, '']);
});

test('where all that is whole has come out, those who can hold the most are cut, and no more than it takes', () => {
  const [small, endless, greatest, idle] = peers(4);
  says(small, 1);
  says(endless, 4);
  says(greatest, 6);
  vi.advanceTimersByTime(1500);
  expect(greatest?.why).toBe('');
  vi.advanceTimersByTime(1000);
  expect([small, endless, greatest, idle].map((peer) => peer?.why)).toEqual(['', '', 'cut.unfinished', '']);
  expect(small?.isHeld).toBe(true);
  vi.advanceTimersByTime(2500);
  expect([small, endless, idle].map((peer) => peer?.isHeld)).toEqual([false, false, false]);
  expect([small, endless, idle].map((peer) => peer?.why)).toEqual(['', '', '']);
  expect(bound.total).toBe(5 * cost(100));
});

test('what somebody who is gone had under way counts until it has had time to come out, and all is out', () => {
  const [one, gone] = peers(2);
  says(one, 2);
  says(gone, 3);
  if (gone !== undefined) bound.left(gone);
  isEmpty = false;
  vi.advanceTimersByTime(30_000);
  expect(bound.total).toBe(5 * cost(100));
  bound.delivered(100);
  expect(bound.total).toBe(4 * cost(100));
  isEmpty = true;
  vi.advanceTimersByTime(1000);
  expect(bound.total).toBe(2 * cost(100));
  expect(vi.getTimerCount()).toBe(0);
});

const held = (...all: (Peer | undefined)[]) => all.map((peer) => peer?.isHeld);

test('who fills the share of one address keeps those of others waiting for nothing, and is cut alone', () => {
  bound = newBound({ perAddress: full / 2 });
  const [endless, neighbour] = peers(2, { group: 'barn' });
  const [other] = peers(1, { group: 'house' });
  says(other, 3);
  says(endless, 6);
  const [late] = peers(1, { group: 'barn' });
  const [stranger] = peers(1, { group: 'shed' });
  expect(held(endless, neighbour, late, other, stranger)).toEqual([true, true, true, false, false]);
  vi.advanceTimersByTime(5000);
  expect(held(neighbour, late, other, stranger)).toEqual([false, false, false, false]);
  expect([endless, neighbour, late, other, stranger].map((peer) => peer?.why)).toEqual([
    'cut.unfinished',
    '',
    '',
    '',
    '',
  ]);
  expect(bound.total).toBe(3 * cost(100));
  expect(vi.getTimerCount()).toBe(0);
});

test('who comes and goes with one hop key fills the share of that key, and waits alone until what went is out', () => {
  bound = newBound({ perKey: full / 5 });
  const [other] = peers(1, { hopKey: 'aa' });
  for (let count = 0; count < 3; count += 1) {
    const [gone] = peers(1, { hopKey: 'bb' });
    expect(gone?.isHeld).toBe(false);
    says(gone, 1);
    if (gone !== undefined) bound.left(gone);
  }
  const [late, last] = peers(2, { hopKey: 'bb' });
  expect(held(late, last, other)).toEqual([true, true, false]);
  if (last !== undefined) bound.left(last);
  vi.advanceTimersByTime(3000);
  expect([...held(late, other), late?.why, bound.total]).toEqual([false, false, '', 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test('two hundred nodes behind one address are not held for a report of a day offline each and its two repeats', () => {
  bound = new HeldBound({ overhead: 33, max: heldMax, ifEmpty: () => undefined });
  const nodes = Array.from({ length: 200 }, (_, node) => peers(1, { hopKey: String(node) })).flat();
  for (const node of nodes) for (let times = 0; times < 3; times += 1) bound.began(node, 45_000);
  expect(nodes.filter(({ isHeld }) => isHeld)).toHaveLength(0);
});

test('a relay is bounded by its address, and not by its hop key', () => {
  bound = newBound({ perAddress: full / 2, perKey: full / 5 });
  const [relay] = peers(1, { hopKey: 'cc', isRelay: true });
  says(relay, 5);
  expect(relay?.isHeld).toBe(false);
  says(relay, 1);
  expect(relay?.isHeld).toBe(true);
});

test('who is held for two bounds is released when neither is left', () => {
  bound = newBound({ perKey: full / 5 });
  isEmpty = false;
  const [one] = peers(1, { hopKey: 'aa' });
  const [other] = peers(1, { hopKey: 'bb' });
  says(one, 3);
  for (let sent = 0; sent < 8; sent += 1) if (other !== undefined) bound.began(other, 200 + sent);
  expect(held(one, other)).toEqual([true, true]);
  for (let count = 0; count < 3; count += 1) bound.delivered(100);
  expect(held(one, other)).toEqual([true, true]);
  for (let sent = 0; sent < 6; sent += 1) bound.delivered(200 + sent);
  expect(held(one, other)).toEqual([false, true]);
  for (let sent = 6; sent < 8; sent += 1) bound.delivered(200 + sent);
  expect(held(one, other)).toEqual([false, false]);
});
