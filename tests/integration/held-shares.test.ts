// One node that comes, begins a message and goes, again and again: what libzmq may still hold of it is its own share, not everybody's.
import { expect, test } from 'vitest';
import { firstOf, HopWire } from '../stack/hop-wire.ts';
import { frame, more, ZmtpPeer } from '../stack/zmtp-peer.ts';

const unfinished = Buffer.concat(Array.from({ length: 4 }, () => frame(Buffer.alloc(60_000), more)));
const heldMax = 8_388_608;

test('who comes and goes keeps nobody waiting, in whatever number of connections', async () => {
  await using wire = await HopWire.start({ mechanism: 'plain', heldMax });
  const { credentials, hopKey } = wire.member();
  if (credentials.mechanism !== 'plain') throw new Error('it shows no secret');
  const shows = { user: hopKey.slice(0, 16), password: Buffer.from(credentials.secret).toString('hex') };
  const node = wire.push('dataIn', wire.member());
  expect(await firstOf(node)).toBe('handshake');
  const waits: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    const come = async () => {
      using peer = await ZmtpPeer.plain(wire.ports.dataIn, 'PUSH', shows);
      await peer.write(unfinished);
      // Read by the server, where it is not kept waiting.
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await Promise.all(Array.from({ length: 6 }, () => come().catch(() => undefined)));
    const at = performance.now();
    await node.send(`round ${round}`);
    await wire.until(() => wire.got.some(({ frame: one }) => String(one) === `round ${round}`));
    waits.push(performance.now() - at);
  }
  expect(Math.max(...waits)).toBeLessThan(1000);
  expect(wire.cuts('cut.unfinished')).toBe(0);
});
