import { expect, test, vi } from 'vitest';
import type * as Constants from '@sealcast/channel/constants';
import { sessionMaxMessages } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster } from '@sealcast/channel/epoch';
import { everyone } from '@sealcast/channel/ids';
import { commandTo, joinFully, masterKeys, newDoor } from './parties.ts';

// Sealing as many as a key may takes minutes: here it may seal three.
vi.mock('../../../services/channel/src/constants.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof Constants>()),
  sessionMaxMessages: 3,
}));

test('an epoch seals as many broadcasts as a key may and no more, and the next one goes on', () => {
  const broadcaster = new Broadcaster(masterKeys, systemEntropy);
  broadcaster.begin(1, systemEntropy.bytes(32));
  for (let number = 1; number <= sessionMaxMessages; number++) broadcaster.seal(number, commandTo(everyone));
  expect(() => broadcaster.seal(4, commandTo(everyone))).toThrow('broadcast: the epoch has sealed 3');
  broadcaster.begin(2, systemEntropy.bytes(32));
  for (const number of [4, 5, 6]) broadcaster.seal(number, commandTo(everyone));
  expect(() => broadcaster.seal(7, commandTo(everyone))).toThrow('broadcast: the epoch has sealed 3');
});

test('a session seals as many messages as a key may and no more, each way', () => {
  const { node, master, identity } = joinFully(newDoor());
  for (let sent = 0; sent < sessionMaxMessages; sent++) {
    master.open(node.seal({ kind: 'leave', body: {} }));
    node.open(master.seal({ kind: 'command', body: commandTo(identity.id) }));
  }
  expect(() => node.seal({ kind: 'leave', body: {} })).toThrow('session: has sealed 3 messages');
  expect(() => master.seal({ kind: 'command', body: commandTo(identity.id) })).toThrow(
    'session: has sealed 3 messages',
  );
});
