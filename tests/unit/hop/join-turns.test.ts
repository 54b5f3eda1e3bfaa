import { frameCost, joinUnderWay } from '@sealcast/hop/front/limits';
import { JoinTurns } from '@sealcast/hop/front/join-turns';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const overhead = 33;
const header = 9;
const length = 1714;
/** What a HELLO takes. */
const cost = header + length + overhead + frameCost;
const most = Math.ceil(joinUnderWay / cost);

let turns: JoinTurns;
let heard: string[];

beforeEach(() => {
  vi.useFakeTimers();
  turns = new JoinTurns(overhead);
  heard = [];
});

afterEach(() => vi.useRealTimers());

/** Says so many HELLOs of one connection at once, as soon as it may. */
function say(group: string, hellos = 1) {
  const one = {
    group,
    joinTurn: () => {
      heard.push(group);
      turns.said(hellos * cost);
    },
  };
  if (turns.come(one, hellos * cost)) one.joinTurn();
  return one;
}

function fill(): void {
  for (let count = 0; count < most; count += 1) say('full');
  expect(heard).toHaveLength(most);
  heard = [];
}

test('libzmq is given so much at once, and the next when as much has come out', () => {
  fill();
  say('a');
  expect(heard).toEqual([]);
  turns.delivered(length);
  expect(heard).toEqual(['a']);
});

test('each address has its turn, however many wait of another', () => {
  fill();
  for (let count = 0; count < 5; count += 1) for (const group of ['a', 'b']) say(group);
  say('honest');
  for (let count = 0; count < 6; count += 1) turns.delivered(length);
  expect(heard).toEqual(['a', 'b', 'honest', 'a', 'b', 'a']);
});

test('who says more at once waits for as many turns, and no longer', () => {
  fill();
  say('long', 3);
  for (let count = 0; count < 4; count += 1) say('short');
  for (let count = 0; count < 6; count += 1) turns.delivered(length);
  expect(heard).toEqual(['short', 'short', 'long', 'short']);
});

test('who comes anew has no more than its turn, though it was silent for long', () => {
  fill();
  for (let count = 0; count < 20; count += 1) say('a');
  for (let count = 0; count < 10; count += 1) turns.delivered(length);
  for (let count = 0; count < 3; count += 1) say('late');
  heard = [];
  for (let count = 0; count < 4; count += 1) turns.delivered(length);
  expect(heard.toSorted()).toEqual(['a', 'a', 'late', 'late']);
});

test('who leaves takes no turn', () => {
  fill();
  const gone = say('gone');
  say('stays');
  turns.leave(gone);
  turns.delivered(length);
  expect(heard).toEqual(['stays']);
});

test('what never comes out keeps nobody waiting, unless the server is busy', () => {
  fill();
  say('a');
  turns.handling(true);
  vi.advanceTimersByTime(1000);
  expect(heard).toEqual([]);
  turns.handling(false);
  vi.advanceTimersByTime(1000);
  expect(heard).toEqual(['a']);
  expect(vi.getTimerCount()).toBe(0);
});
