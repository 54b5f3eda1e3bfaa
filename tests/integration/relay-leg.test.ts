import { randomBytes } from 'node:crypto';
import { Leg } from '@sealcast/relay/leg';
import { expect, test } from 'vitest';
import { HopWire } from '../stack/hop-wire.ts';

const many = 2000;

test('a relay that finds the hop above asks there for all topics that were subscribed to before, however many', async () => {
  const heard = new Set<string>();
  const subscribed = (_: string, message: Uint8Array) => heard.add(Buffer.from(message).toString('hex'));
  await using wire = await HopWire.start({ admits: () => 'relay', subscribed, open: true });
  const { credentials } = wire.stranger();
  if (credentials.mechanism === 'null') throw new Error('a relay needs keys');
  const { dataIn, dataOut } = wire.ports;
  const leg = new Leg({
    name: 'data',
    host: '127.0.0.1',
    ports: [dataIn, dataOut],
    credentials,
    received: () => undefined,
    changed: () => undefined,
    failed: () => undefined,
  });
  for (let count = 0; count < many; count += 1) leg.subscribed(Buffer.concat([Buffer.from([1]), randomBytes(16)]));
  leg.open();
  await wire.until(() => heard.size === many);
  expect(wire.cuts('cut.subscriptions')).toBe(0);
  await leg.close();
});
