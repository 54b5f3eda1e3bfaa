import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochAfterJoinMs, epochMaxMs, rekeyAfterMessages } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster } from '@sealcast/channel/epoch';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import { Epochs } from '@sealcast/master/fleet/epochs';
import { openStore } from '@sealcast/master/store/store';
import { expect, test, vi } from 'vitest';

const keys = newMasterKeys();

function store() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  const opened = openStore(join(folder, 'sealcast.db'));
  return {
    opened,
    [Symbol.dispose]: () => {
      opened.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const start = 1_000_000;

function epochsOf({ opened }: ReturnType<typeof store>): Epochs {
  return new Epochs(opened, new Broadcaster(keys, systemEntropy), systemEntropy, start);
}

test('an epoch ends after a day, and the next has another key', () => {
  using set = store();
  const epochs = epochsOf(set);
  const { epoch, key } = epochs.current;
  const before = Buffer.from(key).toString('hex');
  expect(epochs.isDue(start + epochMaxMs - 1)).toBe(false);
  expect(epochs.isDue(start + epochMaxMs)).toBe(true);
  const next = epochs.begin(start + epochMaxMs);
  expect(next.epoch).toBe(epoch + 1);
  expect(Buffer.from(next.key).toString('hex')).not.toBe(before);
  expect(epochs.isDue(start + epochMaxMs)).toBe(false);
});

test('joins within the time share one new epoch, which comes for the first of them', () => {
  using set = store();
  const epochs = epochsOf(set);
  epochs.memberJoined(start);
  epochs.memberJoined(start + epochAfterJoinMs - 1);
  expect(epochs.isDue(start + epochAfterJoinMs - 1)).toBe(false);
  expect(epochs.isDue(start + epochAfterJoinMs)).toBe(true);
  epochs.begin(start + epochAfterJoinMs);
  expect(epochs.isDue(start + 2 * epochAfterJoinMs)).toBe(false);
});

test('an epoch that ended is erased, and no number is used again after a start', () => {
  using set = store();
  const first = epochsOf(set).current;
  const epochs = epochsOf(set);
  expect(epochs.current.epoch).toBe(first.epoch + 1);
  const { key } = epochs.current;
  epochs.begin(start);
  expect(key.every((byte) => byte === 0)).toBe(true);
});

test('where a next epoch can not be written down, the current one goes on', () => {
  using set = store();
  const epochs = epochsOf(set);
  const { epoch, key } = epochs.current;
  set.opened.counters.next = () => {
    throw new Error('database or disk is full');
  };
  expect(() => epochs.begin(start)).toThrow('disk is full');
  expect(epochs.current.epoch).toBe(epoch);
  expect(key.some((byte) => byte !== 0)).toBe(true);
});

test('when a member left, the next epoch is due at once, until it has begun', () => {
  using set = store();
  const epochs = epochsOf(set);
  epochs.memberLeft(start);
  expect(epochs.isDue(start)).toBe(true);
  epochs.begin(start);
  expect(epochs.isDue(start)).toBe(false);
});

test('a next epoch is due before the key of this one is worn out', () => {
  using set = store();
  const broadcaster = new Broadcaster(keys, systemEntropy);
  const epochs = new Epochs(set.opened, broadcaster, systemEntropy, start);
  using sealed = vi.spyOn(broadcaster, 'sealed', 'get');
  sealed.mockReturnValue(rekeyAfterMessages - 1);
  expect(epochs.isDue(start)).toBe(false);
  sealed.mockReturnValue(rekeyAfterMessages);
  expect(epochs.isDue(start)).toBe(true);
});
