// The attacker reaches the four ports, and has no key at all. He offers NULL or PLAIN, where libzmq would not ask for one, or says
// CURVE and goes on as if it had been NULL.
import { bindSockets, closeSockets, openSockets } from '@sealcast/hop/sockets';
import { expect, test } from 'vitest';
import { Context, curveKeyPair, Push } from 'zeromq';
import { firstOf } from '../../stack/hop-wire.ts';
import { command, frame, greeting, ZmtpPeer } from '../../stack/zmtp-peer.ts';
import { AttackedMaster } from './attacked-master.ts';
import { ZapOfTheTest } from './zap-of-the-test.ts';

const ready = frame(Buffer.from('\x05READY\x0bSocket-Type\0\0\0\x04PUSH', 'latin1'), command);
const plainHello = frame(Buffer.from('\x05HELLO\x04join\x04join', 'latin1'), command);
const message = frame('let in?');

const attempts: [string, Buffer][] = [
  ['NULL', Buffer.concat([greeting('NULL'), ready, message])],
  ['PLAIN', Buffer.concat([greeting('PLAIN'), plainHello, ready, message])],
];
const pretences: [string, Buffer][] = [
  ['NULL under the name of CURVE', Buffer.concat([greeting('CURVE'), ready, message])],
  ['PLAIN under the name of CURVE', Buffer.concat([greeting('CURVE'), plainHello, message])],
];

test('a NULL or PLAIN peer at a CURVE port is refused', async () => {
  await using master = await AttackedMaster.start();
  await master.join(1);
  const { counts } = await master.refusals();
  for (const port of Object.values(master.ports)) {
    for (const [, bytes] of [...attempts, ...pretences]) {
      using peer = await ZmtpPeer.connect(port);
      await peer.write(bytes);
      await peer.closed;
      // The server's greeting, and not a word more.
      expect(peer.receivedBytes).toBe(64);
    }
  }
  await master.haveCut('cut.mechanism', 8);
  const after = await master.refusals();
  expect(after.counts).toEqual(counts);
  expect(await master.admin.nodes()).toHaveLength(1);
  await master.join(2);
});

test('neither is the ZAP handler asked about them, where they come to libzmq itself', async () => {
  const context = new Context();
  await using zap = await ZapOfTheTest.start(context, ([version, id]) => [version, id, '200', 'OK', '', '']);
  const server = curveKeyPair();
  const sockets = openSockets(context, { mechanism: 'curve', ...server });
  const ports = await bindSockets(sockets);
  try {
    for (const port of Object.values(ports)) {
      for (const [, bytes] of [...attempts, ...pretences]) {
        using peer = await ZmtpPeer.connect(port);
        await peer.write(bytes);
        await peer.closed;
        expect(peer.received.includes('READY')).toBe(false);
      }
      const bare = new Push({ linger: 0 });
      const refused = firstOf(bare);
      bare.connect(`tcp://127.0.0.1:${port}`);
      expect(await refused).not.toBe('handshake');
      bare.close();
    }
    expect(zap.requests).toEqual([]);
    const honest = new Push({ linger: 0, ...clientKeys(server.publicKey) });
    const taken = firstOf(honest);
    honest.connect(`tcp://127.0.0.1:${ports.dataIn}`);
    expect(await taken).toBe('handshake');
    honest.close();
    expect(zap.requests).toHaveLength(1);
  } finally {
    closeSockets(sockets);
  }
});

function clientKeys(curveServerKey: string) {
  const { publicKey, secretKey } = curveKeyPair();
  return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey };
}
