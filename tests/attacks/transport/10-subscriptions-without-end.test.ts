// The attacker has joined once, and subscribes: to thousands of topics, to topics of many kilobytes, and away from ones that he never
// had. A PUB keeps each topic for each subscriber, many times over.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Subscriber } from 'zeromq';
import { HopWire, lost } from '../../stack/hop-wire.ts';
import { command, frame, subscribe, ZmtpPeer } from '../../stack/zmtp-peer.ts';
import { AttackedMaster, gained } from './attacked-master.ts';

const boundMiB = 48;
const patienceMs = 120_000;

const many = () => Array.from({ length: 5000 }, () => randomBytes(16));

test(
  'huge and many subscriptions are bounded',
  async () => {
    await using master = await AttackedMaster.start();
    await master.join(1);
    const { ports, serverKey } = master;
    const { publicKey, secretKey } = master.keysOf(1);
    const keys = { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: serverKey };
    const greedy: Subscriber[] = [];
    const subscriber = (port: number, topics: Buffer[]) => {
      const socket = new Subscriber({ linger: 0, reconnectInterval: -1, ...keys });
      greedy.push(socket);
      for (const topic of topics) socket.subscribe(topic);
      const gone = lost(socket);
      socket.connect(`tcp://127.0.0.1:${port}`);
      return gone;
    };
    const most = await gained(master.transportPid, async () => {
      const gone = [
        ...Array.from({ length: 4 }, () => subscriber(ports.dataOut, many())),
        ...Array.from({ length: 4 }, () => subscriber(ports.joinOut, many())),
        subscriber(ports.dataOut, [randomBytes(60_000)]),
        subscriber(ports.joinOut, [randomBytes(60_000)]),
        subscriber(ports.dataOut, [randomBytes(1000)]),
      ];
      await Promise.all(gone);
      await master.haveCut('cut.subscriptions', 4);
      await master.haveCut('cut.join-bytes', 4);
      await master.haveCut('cut.frame', 3);
    });
    for (const socket of greedy) socket.close();
    console.log(`the transport gained ${most.toFixed(1)} MiB`);
    expect(most).toBeLessThan(boundMiB);
    await master.join(2);
    // What an honest node subscribes to is far from the bound.
    await master.haveCut('cut.subscriptions', 4);
  },
  patienceMs,
);

test.each([
  ['SUBSCRIBE', (topic: Buffer) => subscribe(topic)],
  [
    'CANCEL of what was never subscribed',
    (topic: Buffer) => frame(Buffer.concat([Buffer.from('\x06CANCEL'), topic]), command),
  ],
  ['SUBSCRIBE and CANCEL in turn', (topic: Buffer) => turns(topic)],
  [
    'the messages that subscriptions were before ZMTP 3.1',
    (topic: Buffer) => frame(Buffer.concat([Buffer.from([1]), topic])),
  ],
  ['messages that are no subscriptions', (topic: Buffer) => frame(topic)],
])('%s by hand, without end, is cut', async (_, one) => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using greedy = await ZmtpPeer.null(wire.ports.dataOut, 'SUB');
  let sent = 0;
  while (await greedy.write(one(randomBytes(16)))) {
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(wire.cuts('cut.subscriptions')).toBe(1);
  expect(sent).toBeLessThan(20_000);
  const node = wire.sub('dataOut', wire.member(), ['mine']);
  const heard = node.receive();
  const repeat = setInterval(() => wire.server.outlet.data(Buffer.from('mine'), Buffer.from('yes')), 20);
  expect((await heard).map(String)).toEqual(['mine', 'yes']);
  clearInterval(repeat);
});

function turns(topic: Buffer): Buffer {
  return Buffer.concat([subscribe(topic), frame(Buffer.concat([Buffer.from('\x06CANCEL'), topic]), command)]);
}
