// Where everybody is let in, as at a relay, one address can subscribe to so many topics, and others have theirs all the same.
import { randomBytes } from 'node:crypto';
import { topicRate } from '@sealcast/hop/front/limits';
import { expect, test } from 'vitest';
import { HopWire, lost } from '../stack/hop-wire.ts';

const ofEach = 60;
const stranger = '127.0.0.9';
const { burst } = topicRate.dataOut;
const strangers = Math.ceil((1.5 * burst) / ofEach);

async function opened(options: { open: boolean }) {
  const topics = new Set<string>();
  const subscribed = (_: string, message: Uint8Array) => topics.add(Buffer.from(message).toString('hex'));
  const wire = await HopWire.start({ admits: () => true, subscribed, ...options });
  const crowd = () =>
    Array.from({ length: strangers }, () => {
      const some = Array.from({ length: ofEach }, () => randomBytes(16));
      return wire.sub('dataOut', wire.stranger(), some, stranger);
    });
  return { wire, topics, crowd };
}

test('who comes with more topics than one address may have waits, and a node of another address does not', async () => {
  const { wire, topics, crowd } = await opened({ open: true });
  await using _ = wire;
  crowd();
  await wire.until(() => topics.size >= burst && wire.server.connections.data === strangers);
  const mine = randomBytes(16);
  const heard = wire.sub('dataOut', wire.stranger(), [mine]).receive();
  await wire.until(() => topics.has(`01${mine.toString('hex')}`));
  wire.server.outlet.data(mine, Buffer.from('yes'));
  expect((await heard).map(String).at(1)).toBe('yes');
  expect(topics.size).toBeLessThan(burst + 4 * ofEach);
});

test('a node that listens already is alive while others of its address wait', async () => {
  const { wire, topics, crowd } = await opened({ open: true });
  await using _ = wire;
  const mine = randomBytes(16);
  const node = wire.sub('dataOut', wire.stranger(), [mine], stranger);
  let isLost = false;
  node.events.on('disconnect', () => (isLost = true));
  await wire.until(() => topics.size === 1);
  // Heartbeats are no topics: it answers while the others can't, and libzmq takes those for dead.
  await Promise.race(crowd().map(lost));
  expect(isLost).toBe(false);
});
