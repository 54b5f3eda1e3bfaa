// The attacker knows the CURVE public key of a node that has joined: it stands in every handshake that he could read at a server, and is no
// secret. With it, and with a secret of his own, he asks to be let in to the data ports. Or he knows the key of a machine that is about to
// join, as a relay in league with him does that it has shaken hands with, and has it written down as his own before.
import { formatHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import { encodeZ85 } from '@sealcast/channel/z85';
import { expect, test, vi } from 'vitest';
import { curveKeyPair, Push } from 'zeromq';
import { HopWire } from '../../stack/hop-wire.ts';
import { Wire } from '../../stack/wire.ts';
import { newIdentity, PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { newHopPair } from '../joining/made-hello.ts';
import { risen } from '../messages/far-site.ts';
import { stateOf } from '../messages/up-frames.ts';
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

test('nobody claims the hop key of a newcomer before it joins, and it joins with it', () => {
  using world = new PaperFleet();
  const newcomer = newIdentity();
  const { hopKey } = newcomer;
  const member = world.node();
  const former = member.hopKey;
  const inviteCode = world.invite();
  world.pass(1000);
  const [before, counted] = [stateOf(world), world.fleet.refusals()];
  // As a member that takes another hop key, as its next instance, and as a stranger with an invite; each with its own secret, with none,
  // and with what it knows of the newcomer's.
  const liars = [member.identity, member.again().identity, newIdentity()].flatMap((identity) => [
    { ...identity, hopKey },
    { ...identity, hopKey, hopSecret: { mechanism: 'null' } as const },
    { ...identity, hopKey, hopSecret: { mechanism: 'plain', secret: hopKey } as const },
    { ...identity, hopKey, hopSecret: { mechanism: 'curve', secret: hopKey } as const },
  ]);
  expect(liars.map((identity) => new PaperNode(world, identity).join(inviteCode))).toEqual(liars.map(() => false));
  expect(risen(counted, world.fleet.refusals())).toEqual({ 'join.key': liars.length });
  expect(stateOf(world)).toEqual(before);
  expect([world.fleet.admits(hopKey), world.store.hopKeys.of(member.id), world.dropped]).toEqual([false, [former], []]);
  // Neither the key nor the invite was spent by it, and who lied is where it was.
  const joined = new PaperNode(world, newcomer);
  expect([joined.join(inviteCode), world.fleet.admits(hopKey)]).toEqual([true, true]);
  expect([joined.report(), member.report(), member.join()]).toEqual([undefined, undefined, true]);
});

test('who names the hop key of a machine has not joined while it answers, and does not keep it from joining', () => {
  using world = new PaperFleet();
  const newcomer = newIdentity();
  const liar = new PaperNode(world, { ...newIdentity(), hopKey: newcomer.hopKey });
  const pending = liar.hello(world.invite());
  const joined = new PaperNode(world, newcomer);
  expect(joined.join(world.invite())).toBe(true);
  liar.send(pending?.confirm ?? new Uint8Array(0), 'join');
  expect([pending?.wasWelcomed(), world.fleet.refusals()['join.key']]).toEqual([false, 1]);
  expect([joined.report(), world.fleet.nodes().length]).toEqual([undefined, 1]);
});

test('nobody claims the key of a relay before it is added', () => {
  using world = new PaperFleet();
  const [up, curve] = [newIdentity().hopKey, newIdentity().hopKey];
  expect(new PaperNode(world, { ...newIdentity(), hopKey: up }).join(world.invite())).toBe(false);
  const line = formatHop({ host: 'barn.lan', data: [1, 2], join: [3, 4], curve, up });
  expect(world.fleet.addRelay({ name: 'barn', line, by: 'admin' })).toMatchObject({ name: 'barn' });
});

test('at a whole hop, who claims the hop key of a newcomer is refused, and the newcomer joins', async () => {
  await using wire = await Wire.start();
  const machine = newHopPair(parseInvite(wire.invite()));
  const counted = wire.fleet.refusals();
  const { hopSecret, keys } = newHopPair(parseInvite(wire.invite()));
  const liar = wire.link({ identity: { ...newIdentity(), hopSecret, hopKey: machine.hopKey }, keys });
  liar.link.start();
  await vi.waitFor(() => expect(risen(counted, wire.fleet.refusals())).toEqual({ 'join.key': 1 }), { timeout: 20_000 });
  await liar.stop();
  expect([wire.fleet.admits(machine.hopKey), wire.fleet.nodes()]).toEqual([false, []]);
  const { hopKey, hopSecret: secret } = machine;
  const newcomer = wire.link({ identity: { ...newIdentity(), hopKey, hopSecret: secret }, keys: machine.keys });
  await newcomer.open();
  await newcomer.answered();
  expect([wire.fleet.admits(hopKey), wire.fleet.nodes().length, liar.count('live')]).toEqual([true, 1, 0]);
});
