import { zapTimeoutMs } from '@sealcast/channel/constants';
import { type Asker, ZapTurns } from '@sealcast/master/admission/zap-turns';
import { beforeEach, expect, test } from 'vitest';

const atOnce = 4;
const strangersAtOnce = 3;
const waitingMax = 64;

let nowMs: number;
let turns: ZapTurns;
let running: Asker[];
let begun: string[];
let refused: string[];

beforeEach(() => {
  nowMs = 0;
  turns = new ZapTurns(() => nowMs);
  running = [];
  begun = [];
  refused = [];
});

function ask(group: string, isKnown: boolean, count = 1): void {
  const asker = { group, isKnown };
  const come = async () => {
    const begins = await turns.come(asker);
    (begins ? begun : refused).push(group);
    if (begins) running.push(asker);
  };
  for (let made = 0; made < count; made += 1) void come();
}

const stranger = (group: string, count?: number) => ask(group, false, count);
const known = (group: string, count?: number) => ask(group, true, count);

/** So many of those that run are over, the oldest first, one after another. */
async function over(count: number): Promise<void> {
  for (let ended = 0; ended < count; ended += 1) {
    await settled();
    const one = running.shift();
    if (one === undefined) throw new Error('nothing runs');
    turns.over(one);
  }
  await settled();
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('each address has its turn, however many wait of another, and however often one comes anew', async () => {
  stranger('crowd', strangersAtOnce + 20);
  stranger('a', 2);
  stranger('b', 2);
  await settled();
  begun.length = 0;
  for (let count = 0; count < 6; count += 1) {
    await over(1);
    stranger('anew');
  }
  expect(begun).toEqual(['crowd', 'a', 'b', 'crowd', 'anew', 'a']);
});

test('who of an address is next is drawn', async () => {
  const order: number[] = [];
  const asker = { group: 'node', isKnown: true };
  const come = async (index: number) => {
    await turns.come(asker);
    order.push(index);
    turns.over(asker);
  };
  await Promise.all(Array.from({ length: 40 }, (_, index) => come(index)));
  expect(order).toHaveLength(40);
  expect(order.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 40 }, (_, index) => index));
  expect(order).not.toEqual(Array.from({ length: 40 }, (_, index) => index));
});

test('whom the roster knows comes before all strangers, also of the same address', async () => {
  stranger('a', strangersAtOnce + 20);
  for (const group of ['b', 'c', 'd']) stranger(group);
  known('full');
  await settled();
  known('a', 2);
  known('e');
  begun.length = 0;
  const askers: boolean[] = [];
  for (let count = 0; count < 3; count += 1) {
    await over(1);
    askers.push(running.at(-1)?.isKnown ?? false);
  }
  expect(askers).toEqual([true, true, true]);
  expect(begun).toEqual(['a', 'e', 'a']);
});

test('one run is left for whom the roster knows, however many strangers wait', async () => {
  for (let count = 0; count < 20; count += 1) stranger(`stranger ${count}`);
  await settled();
  expect(begun).toHaveLength(strangersAtOnce);
  known('node');
  await settled();
  expect(begun.at(-1)).toBe('node');
  await over(atOnce);
  expect(begun).toHaveLength(strangersAtOnce + atOnce);
  expect(running).toHaveLength(strangersAtOnce);
});

test('whom the roster knows may have all runs', async () => {
  known('node', 9);
  await settled();
  expect(begun).toHaveLength(atOnce);
  await over(9);
  expect(begun).toHaveLength(9);
});

test('who has waited for as long as ZAP does has no turn any more', async () => {
  known('node', atOnce + 2);
  stranger('stranger');
  await settled();
  nowMs = zapTimeoutMs - 1;
  known('later');
  await over(1);
  expect([begun.length, refused]).toEqual([atOnce + 1, []]);
  nowMs = zapTimeoutMs;
  await over(1);
  expect(refused).toEqual(['node', 'stranger']);
  expect(begun.at(-1)).toBe('later');
});

test('where too many wait, strangers go first, and of them the newest of whoever has the most', async () => {
  known('node', atOnce + 10);
  stranger('a', 2);
  stranger('crowd', waitingMax - 12);
  await settled();
  expect(refused).toEqual([]);
  known('node');
  stranger('a');
  await settled();
  expect(refused).toEqual(['crowd', 'crowd']);
  known('node', waitingMax);
  await settled();
  expect(refused.filter((group) => group === 'node')).toHaveLength(11);
  expect(refused.filter((group) => group !== 'node')).toHaveLength(2 + (waitingMax - 12) + 1);
});
