// The attacker knows the CURVE public key of a node that has joined: it stands in every handshake that he could read at a server, and is no
// secret. With it, and with a secret of his own, he asks to be let in to the data ports.
import { encodeZ85 } from '@sealcast/channel/z85';
import { expect, test } from 'vitest';
import { curveKeyPair, Push } from 'zeromq';
import { HopWire } from '../../stack/hop-wire.ts';
import { AttackedMaster, type Keys } from './attacked-master.ts';
import { CurveClient } from './curve-client.ts';

const own = curveKeyPair();

/** By whom the vouch is made that the attacker shows beside the member's public key. */
const vouches: [string, (member: Keys) => string][] = [
  ['a secret of his own', () => own.secretKey],
  ['the public key as if it were the secret', ({ publicKey }) => publicKey],
  ['a secret that is all zero', () => encodeZ85(Buffer.alloc(32))],
  ['a secret that is all one bits', () => encodeZ85(Buffer.alloc(32, 0xff))],
];

test('a public key of a node without its secret is refused', async () => {
  await using master = await AttackedMaster.start();
  await master.join(1);
  const { ports, serverKey } = master;
  const member = master.keysOf(1);
  const before = await master.refusals();
  for (const port of [ports.dataIn, ports.dataOut]) {
    for (const [, vouchedBy] of vouches) {
      using client = await CurveClient.greeted(port, serverKey);
      const initiate = client.initiate(await client.welcomed(), member, { vouchedBy: vouchedBy(member) });
      await client.send(initiate);
      await client.peer.closed;
      expect(client.peer.received.includes('READY')).toBe(false);
    }
    const socket = new Push({
      linger: 0,
      curvePublicKey: member.publicKey,
      curveSecretKey: own.secretKey,
      curveServerKey: serverKey,
    });
    const outcome = Promise.withResolvers<string>();
    for (const event of ['handshake', 'disconnect'] as const) socket.events.on(event, () => outcome.resolve(event));
    socket.connect(`tcp://127.0.0.1:${port}`);
    expect(await outcome.promise).toBe('disconnect');
    socket.close();
  }
  expect((await master.refusals()).counts).toEqual(before.counts);
  // None of it came as far as ZAP, and the node whose key it is has noticed nothing.
  expect(await master.cuts('cut.denied')).toBe(before.cuts['cut.denied'] ?? 0);
  await master.confirms(1, 'still here');
  // With its secret it is let in.
  using honest = await CurveClient.greeted(ports.dataIn, serverKey);
  expect(await honest.shakes(member, 'PUSH')).toBe('PULL');
});

test('who decides is not even asked', async () => {
  const asked: string[] = [];
  await using wire = await HopWire.start({
    open: true,
    admits: ({ hopKey }) => {
      asked.push(Buffer.from(hopKey).toString('hex'));
      return true;
    },
  });
  const { credentials, hopKey } = wire.member();
  if (credentials.mechanism !== 'curve') throw new Error('a member of CURVE');
  for (const [, vouchedBy] of vouches) {
    using client = await CurveClient.greeted(wire.ports.dataIn, credentials.serverKey);
    await client.send(client.initiate(await client.welcomed(), credentials, { vouchedBy: vouchedBy(credentials) }));
    await client.peer.closed;
  }
  expect(asked).toEqual([]);
  using honest = await CurveClient.greeted(wire.ports.dataIn, credentials.serverKey);
  expect(await honest.shakes(credentials, 'PUSH')).toBe('PULL');
  expect(asked).toEqual([hopKey]);
});
