// What the transport's process can be made to hold, by messages that never end and by who never reads.
import { expect, test } from 'vitest';
import { firstOf } from '../stack/hop-wire.ts';
import { openFiles, residentBytes, TransportWire } from '../stack/transport-wire.ts';
import { frame, more, subscribe, ZmtpPeer } from '../stack/zmtp-peer.ts';

const megabyte = 1_048_576;

/** How much memory the process has gained at most, while `act` runs, in MiB. */
async function gained(act: () => Promise<void>): Promise<number> {
  const before = residentBytes();
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, residentBytes());
  }, 50);
  await act();
  clearInterval(look);
  return (most - before) / megabyte;
}

async function cut(wire: TransportWire, reason: string): Promise<void> {
  await wire.until(() => (wire.transport.cuts()[reason] ?? 0) > 0);
}

test('a message of CURVE that does not end is held back, and cut while others are heard', async () => {
  await using wire = await TransportWire.start();
  const endless = wire.push();
  const node = wire.push();
  expect(await firstOf(node)).toBe('handshake');
  const part = Buffer.alloc(60_000);
  const most = await gained(async () => {
    // 240 MB, as one message.
    const sending = endless.send(Array.from({ length: 4000 }, () => part)).catch(() => undefined);
    const repeat = setInterval(() => void node.send('still here').catch(() => undefined), 100);
    await cut(wire, 'cut.unfinished');
    clearInterval(repeat);
    endless.close();
    await sending;
  });
  expect(wire.got.length).toBeGreaterThan(10);
  expect(most).toBeLessThan(48);
});

test.each([
  ['large', Buffer.alloc(60_000)],
  ['empty', Buffer.alloc(0)],
])('a message by hand of %s frames that does not end costs little memory', async (_, body) => {
  await using wire = await TransportWire.start('null');
  using endless = await ZmtpPeer.null(wire.ports.dataIn, 'PUSH');
  const some = Buffer.concat(Array.from({ length: Math.ceil(60_000 / (body.length + 2)) }, () => frame(body, more)));
  const most = await gained(async () => {
    while (await endless.write(some)) await new Promise((resolve) => setImmediate(resolve));
  });
  await cut(wire, 'cut.unfinished');
  expect(most).toBeLessThan(48);
});

test('a subscriber that reads nothing costs no more than its queue', async () => {
  await using wire = await TransportWire.start('null');
  using deaf = await ZmtpPeer.null(wire.ports.dataOut, 'SUB');
  await deaf.write(subscribe('topic'));
  deaf.deafen();
  const other = wire.sub('topic');
  const first = other.receive();
  const begin = setInterval(() => wire.transport.outlet.data(Buffer.from('topic'), Buffer.from('begin')), 20);
  await first;
  clearInterval(begin);
  const body = Buffer.alloc(16_000);
  const most = await gained(async () => {
    // 320 MB, of which 1000 messages may wait: 16 MB.
    for (let round = 0; round < 200; round += 1) {
      for (let count = 0; count < 100; count += 1) wire.transport.outlet.data(Buffer.from('topic'), body);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  // Who reads is served to the end.
  const end = setInterval(() => wire.transport.outlet.data(Buffer.from('topic'), Buffer.from('end')), 20);
  for await (const [, last] of other) if (String(last) === 'end') break;
  clearInterval(end);
  expect(most).toBeLessThan(100);
});

test('two thousand connections fit, and one more member is heard', async () => {
  await using wire = await TransportWire.start('null');
  const peers: ZmtpPeer[] = [];
  for (let batch = 0; batch < 20; batch += 1) {
    const from = `127.0.1.${1 + (batch % 4)}`;
    const wished = Array.from({ length: 100 }, (_, index) =>
      ZmtpPeer.null(index % 2 === 0 ? wire.ports.dataIn : wire.ports.dataOut, index % 2 === 0 ? 'PUSH' : 'SUB', from),
    );
    peers.push(...(await Promise.all(wished)));
  }
  // One for the peer, two between the front and libzmq.
  expect(openFiles()).toBeGreaterThan(6000);
  await wire.push().send('one more');
  await wire.until(() => wire.got.length === 1);
  expect(peers.filter(({ isClosed }) => isClosed)).toEqual([]);
  for (const peer of peers) peer[Symbol.dispose]();
});
