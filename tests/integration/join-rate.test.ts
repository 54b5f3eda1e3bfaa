// How much one address may say on the join ports, and that a whole site behind one is in soon all the same.
import { frameCost, joinRate } from '@sealcast/hop/front/limits';
import { expect, test } from 'vitest';
import { context } from 'zeromq';
import { HopWire } from '../stack/hop-wire.ts';
import { Wire } from '../stack/wire.ts';
import { frame, ZmtpPeer } from '../stack/zmtp-peer.ts';

// A node has four at most, and of each zeromq needs another to watch it.
context.maxSockets = 4000;

const helloBytes = 1714;
const hello = frame(Buffer.alloc(helloBytes));
const cost = hello.length + frameCost;
/** More than it may say on one connection. */
const perConnection = 20;

test('one address is held to its rate on whatever number of connections, and another has its own', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  const peers: ZmtpPeer[] = [];
  const flood = new AbortController();
  const flooding = (async () => {
    while (!flood.signal.aborted) {
      const peer = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH', '127.0.0.7');
      peers.push(peer);
      await peer.write(Buffer.concat(Array.from({ length: perConnection - 5 }, () => hello)));
    }
  })().catch((error: unknown) => error);
  const startedAt = performance.now();
  const [flooded, honest] = [helloBytes, 100].map(
    (length) => () => wire.got.filter(({ frame: one }) => one.length === length).length,
  );
  await wire.until(() => (flooded?.() ?? 0) * cost >= joinRate.burst);
  const waits: number[] = [];
  for (let count = 0; count < 20; count += 1) {
    const at = performance.now();
    using other = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH', '127.0.0.8');
    await other.write(frame(Buffer.alloc(100)));
    await wire.until(() => honest?.() === count + 1);
    waits.push(performance.now() - at);
  }
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const took = (performance.now() - startedAt) / 1000;
  const said = (flooded?.() ?? 0) * cost;
  flood.abort();
  expect(await flooding).toBeUndefined();
  for (const peer of peers) peer[Symbol.dispose]();
  // Who may speak says what one chunk of it has.
  expect(said).toBeLessThan(joinRate.burst + took * joinRate.perSecond + 32_768);
  expect(peers.length * (perConnection - 5) * cost).toBeGreaterThan(4 * said);
  expect(Math.max(...waits)).toBeLessThan(1000);
});

test('two hundred nodes behind one address are in within half a minute', { timeout: 120_000 }, async () => {
  await using wire = await Wire.start();
  const links = Array.from({ length: 200 }, () => wire.link());
  const startedAt = performance.now();
  await Promise.all(links.map((link) => link.open()));
  const took = performance.now() - startedAt;
  expect(took).toBeLessThan(30_000);
});
