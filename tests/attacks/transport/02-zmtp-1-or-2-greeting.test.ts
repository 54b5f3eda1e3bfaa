// The attacker reaches the ports, and greets as ZMTP of versions before there were mechanisms: no key, and in version 1 not even a
// name of what he is. His message follows at once.
import { bindSockets, closeSockets, openSockets } from '@sealcast/hop/sockets';
import type { Mechanism } from '@sealcast/channel/payloads';
import { expect, test } from 'vitest';
import { Context, curveKeyPair, Push } from 'zeromq';
import { HopWire } from '../../stack/hop-wire.ts';
import { frame, greeting, ZmtpPeer } from '../../stack/zmtp-peer.ts';
import { AttackedMaster } from './attacked-master.ts';
import { ZapOfTheTest } from './zap-of-the-test.ts';

const push = 8;
const text = 'from before';
const signature = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f];
/** Of version 1 a frame is its length, which counts the flags, the flags and the body. */
const ofVersion1 = (body: string) => Buffer.concat([Buffer.from([body.length + 1, 0]), Buffer.from(body)]);

const attempts: [string, Buffer][] = [
  ['ZMTP 1', Buffer.concat([ofVersion1(''), ofVersion1(text)])],
  [
    'ZMTP 1 with the signature of a later one',
    Buffer.concat([Buffer.from([...signature, 0]), ofVersion1(''), ofVersion1(text)]),
  ],
  ['ZMTP 2', Buffer.concat([Buffer.from([...signature, 1, push]), frame(''), frame(text)])],
  ['ZMTP 2 with another revision', Buffer.concat([Buffer.from([...signature, 2, push]), frame(''), frame(text)])],
  ['ZMTP 2 with the greeting of version 3', Buffer.concat([greeting('CURVE', 2), frame(''), frame(text)])],
];

test('a greeting of ZMTP 1 or 2 followed by a message delivers nothing', async () => {
  await using master = await AttackedMaster.start();
  await master.join(1);
  const { counts } = await master.refusals();
  for (const port of Object.values(master.ports)) {
    for (const [, bytes] of attempts) {
      using peer = await ZmtpPeer.connect(port);
      await peer.write(bytes);
      await peer.closed;
    }
  }
  await master.haveCut('cut.protocol', 4 * attempts.length);
  // A message that had come in would have been refused, and counted.
  expect((await master.refusals()).counts).toEqual(counts);
  await master.join(2);
});

test.each(['plain', 'null'] as const)('so too where the server speaks %s', async (mechanism) => {
  await using wire = await HopWire.start({ mechanism });
  for (const [, bytes] of attempts) {
    using peer = await ZmtpPeer.connect(wire.ports.dataIn);
    await peer.write(bytes);
    await peer.closed;
  }
  expect(wire.cuts('cut.protocol')).toBe(attempts.length);
  await wire.push('dataIn', wire.member()).send('of version 3');
  await wire.until(() => wire.got.length > 0);
  expect(wire.got.map(({ frame: one }) => String(one))).toEqual(['of version 3']);
});

test.each(['curve', 'plain', 'null'] as const)(
  'and where they come to libzmq itself, with a ZAP handler that lets everybody in, under %s',
  async (mechanism: Mechanism) => {
    const context = new Context();
    await using zap = await ZapOfTheTest.start(context, ([version, id]) => [version, id, '200', 'OK', '', '']);
    const server = curveKeyPair();
    const sockets = openSockets(context, mechanism === 'curve' ? { mechanism, ...server } : { mechanism });
    const { dataIn } = await bindSockets(sockets);
    const honest = new Push({ linger: 0, ...clientOptionsOf(mechanism, server.publicKey) });
    try {
      for (const [, bytes] of attempts) {
        using peer = await ZmtpPeer.connect(dataIn);
        await peer.write(bytes);
        await peer.closed;
      }
      expect(zap.requests).toEqual([]);
      honest.connect(`tcp://127.0.0.1:${dataIn}`);
      await honest.send('of version 3');
      expect((await sockets.dataIn.receive()).map(String)).toEqual(['of version 3']);
    } finally {
      honest.close();
      closeSockets(sockets);
    }
  },
);

function clientOptionsOf(mechanism: Mechanism, curveServerKey: string) {
  if (mechanism === 'null') return {};
  if (mechanism === 'plain') return { plainUsername: 'join', plainPassword: 'join' };
  const { publicKey, secretKey } = curveKeyPair();
  return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey };
}
