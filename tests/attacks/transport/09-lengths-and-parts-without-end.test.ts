// The attacker makes the master hold what never ends: a length that no memory has, frames above the limit, and, as a node that has
// joined, messages of thousands of parts and one that has no last part.
import { expect, test } from 'vitest';
import { Push } from 'zeromq';
import { frameHeader, greeting, more, ZmtpPeer } from '../../stack/zmtp-peer.ts';
import { AttackedMaster, gained } from './attacked-master.ts';

const boundMiB = 48;
const patienceMs = 120_000;

/** Who has joined, and is not what it seems. */
function joined(master: AttackedMaster, port: number): Push {
  const { publicKey, secretKey } = master.keysOf(1);
  const keys = { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: master.serverKey };
  const socket = new Push({ linger: 0, immediate: true, reconnectInterval: 100, sendHighWaterMark: 10_000, ...keys });
  socket.connect(`tcp://127.0.0.1:${port}`);
  return socket;
}

test(
  'lengths of 2⁶⁴ − 1, frames above the limit and messages of 2,000 parts or without an end leave memory bounded',
  async () => {
    await using master = await AttackedMaster.start();
    await master.join(1);
    const { ports } = master;
    const before = await master.refusals();
    const attackers: Push[] = [];
    const attacker = (port: number) => {
      const socket = joined(master, port);
      attackers.push(socket);
      return socket;
    };
    const most = await gained(master.transportPid, async () => {
      for (const port of Object.values(ports)) {
        for (const length of [2n ** 64n - 1n, 2n ** 63n, 2n ** 32n, 65_536n + 34n]) {
          for (const flags of [0, more]) {
            using liar = await ZmtpPeer.connect(port);
            await liar.write(Buffer.concat([greeting('CURVE'), frameHeader(length, flags)]));
            await liar.closed;
          }
        }
      }
      await master.haveCut('cut.frame', (before.cuts['cut.frame'] ?? 0) + 32);

      // libzmq sends on what it has taken; the server cuts at the header.
      await attacker(ports.dataIn).send(Buffer.alloc(70_000));
      await attacker(ports.joinIn).send(Buffer.alloc(3000));
      await master.haveCut('cut.frame', (before.cuts['cut.frame'] ?? 0) + 34);

      await attacker(ports.dataIn).send(Array.from({ length: 2000 }, () => Buffer.alloc(10)));
      const parts = async () =>
        ((await master.refusals()).counts['frame.parts'] ?? 0) - (before.counts['frame.parts'] ?? 0);
      await expect.poll(parts, { timeout: 20_000, interval: 200 }).toBe(1);

      // Of 240 MB the last part is not reached.
      const endless = attacker(ports.dataIn).send(Array.from({ length: 4000 }, () => Buffer.alloc(60_000)));
      const onJoin = attacker(ports.joinIn).send(Array.from({ length: 4000 }, () => Buffer.alloc(1000)));
      await master.haveCutSome('cut.join-bytes', 1);
      await master.join(2);
      await master.haveCutSome('cut.unfinished', 1);
      for (const socket of attackers) socket.close();
      await Promise.allSettled([endless, onJoin]);
    });
    console.log(`the transport gained ${most.toFixed(1)} MiB`);
    expect(most).toBeLessThan(boundMiB);
    await master.confirms(2, 'still here');
  },
  patienceMs,
);
