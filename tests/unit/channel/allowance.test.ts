import { expect, test } from 'vitest';
import { Allowance } from '@sealcast/channel/allowance';
import { sessionBurst, sessionRate } from '@sealcast/channel/constants';
import { joinFully, newDoor, refusalOf } from './parties.ts';

const leave = { kind: 'leave', body: {} } as const;

test('a node that floods is cut down to its allowance, and is heard again when it slows down', () => {
  const { node, master } = joinFully(newDoor());
  const allowance = new Allowance(0);
  const frames = Array.from({ length: sessionBurst + 3 }, () => node.seal(leave));
  const allows = () => allowance.take(0);
  for (const frame of frames.slice(0, sessionBurst)) expect(master.open(frame, allows).kind).toBe('leave');
  const above = frames.slice(sessionBurst).map((frame) => refusalOf(() => master.open(frame, allows)));
  expect(above).toEqual(['rate.exceeded', 'rate.exceeded', 'rate.exceeded']);
  expect(master.open(node.seal(leave), () => allowance.take(1000)).kind).toBe('leave');
});

test('in the long run a session says sessionRate a second', () => {
  const allowance = new Allowance(0);
  let taken = 0;
  for (let nowMs = 0; nowMs < 60_000; nowMs++) if (allowance.take(nowMs)) taken++;
  expect(taken).toBe(sessionBurst + Math.floor((59_999 * sessionRate) / 1000));
});

test('what is above the allowance has changed nothing, and may come once more', () => {
  const { node, master } = joinFully(newDoor());
  const frame = node.seal(leave);
  expect(refusalOf(() => master.open(frame, () => false))).toBe('rate.exceeded');
  expect(master.received).toBe(0);
  expect(master.open(frame, () => true).kind).toBe('leave');
});

test('only what is authentic and new costs a session its allowance', () => {
  const { node, master } = joinFully(newDoor());
  let asked = 0;
  const allows = () => {
    asked++;
    return true;
  };
  const frame = node.seal(leave);
  const forged = Uint8Array.from(frame);
  forged[40] = (forged[40] ?? 0) ^ 1;
  expect(refusalOf(() => master.open(forged, allows))).toBe('seal.open');
  expect(asked).toBe(0);
  master.open(frame, allows);
  expect(asked).toBe(1);
  expect(refusalOf(() => master.open(frame, allows))).toBe('sequence.replayed');
  expect(asked).toBe(1);
});
