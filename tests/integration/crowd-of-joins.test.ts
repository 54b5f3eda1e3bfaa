// Many connections of many addresses have more to say on the join port than the server hears: somebody of another address is heard soon.
import { joinUnderWay } from '@sealcast/hop/front/limits';
import { expect, test } from 'vitest';
import { HopWire } from '../stack/hop-wire.ts';
import { frame, ZmtpPeer } from '../stack/zmtp-peer.ts';

const helloBytes = 1714;
const honestBytes = 100;
const addresses = Array.from({ length: 30 }, (_, index) => `127.0.3.${index + 1}`);
const each = 10;
const hellos = Buffer.concat(Array.from({ length: 9 }, () => frame(Buffer.alloc(helloBytes))));
/** What libzmq holds already; many of each address wait beside. */
const soon = (2 * joinUnderWay) / helloBytes;

test('who wants to join waits for what libzmq holds and for its turn among addresses, however many connections a crowd has', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  const stalled = Promise.withResolvers<void>();
  wire.take = (port) => (port === 'join' ? stalled.promise : undefined);
  const peers: ZmtpPeer[] = [];
  for (const address of addresses) {
    const crowd = await Promise.all(
      Array.from({ length: each }, () => ZmtpPeer.null(wire.ports.joinIn, 'PUSH', address)),
    );
    for (const peer of crowd) await peer.write(hellos);
    peers.push(...crowd);
  }
  using honest = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH', '127.0.0.8');
  await honest.write(frame(Buffer.alloc(honestBytes)));
  // By then the server has read it.
  using _ = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH', '127.0.0.9');
  stalled.resolve();
  const place = () => wire.got.findIndex(({ frame: one }) => one.length === honestBytes);
  await wire.until(() => place() >= 0);
  for (const peer of peers) peer[Symbol.dispose]();
  expect(wire.cuts('cut.crowd')).toBe(0);
  expect(place()).toBeLessThan(soon);
});
