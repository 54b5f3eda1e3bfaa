import { cloneWatchMs, overlapMs, sessionMaxMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Session } from '@sealcast/channel/session';
import { LiveSessions } from '@sealcast/master/fleet/live-sessions';
import { expect, test } from 'vitest';

const node = '22'.repeat(16);
const program = (digit: string) => ({ instance: digit.repeat(32), hopKey: digit.repeat(64) });
const [a, b] = [program('a'), program('b')];

function session(keyId: number): Session {
  const fill = (length: number) => new Uint8Array(length).fill(keyId);
  const ids = { keyId: fill(8), topic: fill(16), nodeId: fill(16), masterId: fill(16) };
  return new Session({ role: 'master', ...ids, up: fill(32), down: fill(32) }, systemEntropy);
}

function seals(one: Session): boolean {
  try {
    one.seal({ kind: 'ack', body: { through: 0, head: 0, epoch: 1, time: 0 } });
    return true;
  } catch {
    return false;
  }
}

test('the newest session of a node is the one to send under', () => {
  const sessions = new LiveSessions();
  const [older, newer] = [session(1), session(2)];
  sessions.open(node, older, a, 0);
  sessions.open(node, newer, a, 1000);
  expect(sessions.current(node)?.session).toBe(newer);
});

test('a session that was replaced is found while the two overlap, and erased after', () => {
  const sessions = new LiveSessions();
  const [older, newer] = [session(1), session(2)];
  sessions.open(node, older, a, 0);
  sessions.open(node, newer, a, 1000);
  sessions.sweep(1000 + overlapMs - 1);
  expect(sessions.withKeyId(older.keyId)?.session).toBe(older);
  sessions.sweep(1000 + overlapMs);
  expect(sessions.withKeyId(older.keyId)).toBeUndefined();
  expect(seals(older)).toBe(false);
  expect(seals(newer)).toBe(true);
});

test('where another instance took over, the session before stays open for longer', () => {
  const sessions = new LiveSessions();
  const [older, newer] = [session(1), session(2)];
  sessions.open(node, older, a, 0);
  sessions.open(node, newer, b, 1000);
  sessions.sweep(1000 + cloneWatchMs - 1);
  expect(sessions.withKeyId(older.keyId)?.session).toBe(older);
  sessions.sweep(1000 + cloneWatchMs);
  expect(sessions.withKeyId(older.keyId)).toBeUndefined();
  expect(seals(newer)).toBe(true);
});

test('a session that holds again lives out its time, and those of other instances end', () => {
  const sessions = new LiveSessions();
  const [older, newer, newest] = [session(1), session(2), session(3)];
  sessions.open(node, older, a, 0);
  sessions.open(node, newer, b, 1000);
  sessions.open(node, newest, b, 2000);
  const live = sessions.withKeyId(older.keyId);
  if (live !== undefined) sessions.restore(live);
  expect(sessions.current(node)?.session).toBe(older);
  expect([newer, newest].map(seals)).toEqual([false, false]);
  sessions.sweep(sessionMaxMs - 1);
  expect(sessions.current(node)?.session).toBe(older);
  sessions.sweep(sessionMaxMs);
  expect(sessions.current(node)).toBeUndefined();
});

test('a session that holds again does not end those of other nodes', () => {
  const sessions = new LiveSessions();
  const [older, others] = [session(1), session(2)];
  sessions.open(node, older, a, 0);
  sessions.open('33'.repeat(16), others, b, 0);
  const live = sessions.withKeyId(older.keyId);
  if (live !== undefined) sessions.restore(live);
  expect(seals(others)).toBe(true);
});

test('a session ends at its greatest age', () => {
  const sessions = new LiveSessions();
  const only = session(1);
  sessions.open(node, only, a, 0);
  sessions.sweep(sessionMaxMs - 1);
  expect(sessions.current(node)?.session).toBe(only);
  sessions.sweep(sessionMaxMs);
  expect(sessions.current(node)).toBeUndefined();
  expect(seals(only)).toBe(false);
});

test("closing a node's sessions erases all of them, and no other node's", () => {
  const sessions = new LiveSessions();
  const [older, newer, others] = [session(1), session(2), session(3)];
  sessions.open(node, older, a, 0);
  sessions.open(node, newer, a, 0);
  sessions.open('33'.repeat(16), others, a, 0);
  sessions.close(node);
  expect([older, newer, others].map(seals)).toEqual([false, false, true]);
  expect(sessions.withKeyId(older.keyId)).toBeUndefined();
});
