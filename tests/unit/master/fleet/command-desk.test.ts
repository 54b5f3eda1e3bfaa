import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandRetryMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster } from '@sealcast/channel/epoch';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import type { Command } from '@sealcast/channel/payloads';
import { CommandDesk } from '@sealcast/master/fleet/command-desk';
import { openStore } from '@sealcast/master/store/store';
import { expect, test } from 'vitest';

const start = 1_000_000_000;
const [a, b] = ['aa'.repeat(16), 'bb'.repeat(16)];
const action = { type: 'text' as const, text: 'hello' };
const keys = newMasterKeys();

function desk() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  const store = openStore(join(folder, 'sealcast.db'));
  for (const [index, id] of [a, b].entries()) {
    const hash = String(index).repeat(64);
    store.invites.add({ hash, label: id, created: 1, expires: start });
    store.roster.enrol({ id, identity: hash, hopKey: hash, inviteHash: hash, at: start });
  }
  const broadcaster = new Broadcaster(keys, systemEntropy);
  broadcaster.begin(1, systemEntropy.bytes(32));
  const open = new Set([a, b]);
  const sent: string[] = [];
  let broadcasts = 0;
  const routes = {
    broadcast: () => (broadcasts += 1),
    unicast: (node: string, command: Command) =>
      sent.push(`${node.slice(0, 2)} ${Buffer.from(command.target).toString('hex').slice(0, 2)}`),
    isOpen: (node: string) => open.has(node),
  };
  const made = new CommandDesk(store, systemEntropy, broadcaster, routes);
  return {
    desk: made,
    store,
    open,
    sent,
    broadcasts: () => broadcasts,
    issue: (targets: 'everyone' | string[], expiresInSeconds = 60) =>
      made.issue({ action, targets, expiresInSeconds, by: 'admin' }, start),
    receipt: (node: string, id: string) =>
      made.receipt(node, { command: Buffer.from(id, 'hex'), outcome: 'done' }, start),
    [Symbol.dispose]: () => {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test('what is for everyone is broadcast once, and repeated to those who do not answer', () => {
  using set = desk();
  const id = set.issue('everyone');
  expect([set.broadcasts(), set.sent]).toEqual([1, []]);
  set.receipt(a, id);
  set.desk.repeat(start + commandRetryMs - 1);
  expect(set.sent).toEqual([]);
  set.desk.repeat(start + commandRetryMs);
  expect(set.sent).toEqual(['bb bb']);
});

test('what is for some is sent to them at once, each as its own target', () => {
  using set = desk();
  set.issue([b]);
  expect([set.broadcasts(), set.sent]).toEqual([0, ['bb bb']]);
});

test('who is away is not sent to, and gets it once it has a session', () => {
  using set = desk();
  set.open.delete(b);
  set.issue([b]);
  set.desk.repeat(start + commandRetryMs);
  expect(set.sent).toEqual([]);
  set.open.add(b);
  set.desk.welcomed(b, start + commandRetryMs);
  set.desk.repeat(start + commandRetryMs);
  expect(set.sent).toEqual(['bb bb']);
});

test('a receipt counts once, and not from a node that it was not for', () => {
  using set = desk();
  const id = set.issue([b]);
  expect(set.receipt(a, id)).toBe(false);
  expect(set.receipt(b, id)).toBe(true);
  expect(set.receipt(b, id)).toBe(false);
});

test('what expires is told once, and sent no more', () => {
  using set = desk();
  const id = set.issue('everyone', 1);
  expect([...set.desk.repeat(start + 1000)]).toEqual([id]);
  expect([...set.desk.repeat(start + 1000)]).toEqual([]);
  set.desk.repeat(start + commandRetryMs);
  expect(set.sent).toEqual([]);
});

test('a broadcast that was missed is sent in the session, while it has not expired', () => {
  using set = desk();
  set.issue('everyone');
  set.desk.answer(a, [1, 2], start);
  expect(set.sent).toEqual(['aa aa']);
  set.desk.answer(a, [1], start + 60_000);
  expect(set.sent).toEqual(['aa aa']);
});

test('to a node that is forgotten nothing more is sent', () => {
  using set = desk();
  set.issue('everyone');
  set.desk.forget(b);
  set.desk.repeat(start + commandRetryMs);
  expect(set.sent).toEqual(['aa aa']);
});
