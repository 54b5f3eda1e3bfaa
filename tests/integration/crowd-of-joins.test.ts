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

test('who says many frames of little pays in its turn for what they cost, and keeps nobody waiting who says few', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  const stalled = Promise.withResolvers<void>();
  let tinyHeard = 0;
  let tinyBefore: number | undefined;
  wire.take = (_, { length }) => {
    if (length === 0) tinyHeard += 1;
    if (length === honestBytes) tinyBefore ??= tinyHeard;
    return stalled.promise;
  };
  const peers: ZmtpPeer[] = [];
  const says = async (address: string, bytes: Buffer) => {
    const peer = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH', address);
    peers.push(peer);
    await peer.write(bytes);
  };
  for (const address of addresses.slice(0, Math.ceil(joinUnderWay / hellos.length))) await says(address, hellos);
  // More bytes than all of the crowd say, and less cost than one of it.
  const honest = Buffer.concat(Array.from({ length: 90 }, () => frame(Buffer.alloc(honestBytes))));
  const frames = 300;
  const crowd = 15;
  for (let count = 0; count < crowd; count += 1)
    await says('127.0.0.7', Buffer.concat(Array.from({ length: frames }, () => frame(''))));
  await says('127.0.0.8', honest);
  using _ = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH', '127.0.0.9');
  stalled.resolve();
  await wire.until(() => tinyHeard === crowd * frames);
  for (const peer of peers) peer[Symbol.dispose]();
  expect(tinyBefore).toBeLessThan(frames);
});
