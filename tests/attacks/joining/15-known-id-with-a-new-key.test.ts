// The attacker knows a node's id, which the page shows and every log names, and has a good invite of his own. What he lacks is the
// node's identity.
import { systemEntropy } from '@sealcast/channel/entropy';
import { parseInvite } from '@sealcast/channel/invite';
import type { PinnedMaster } from '@sealcast/channel/join-node';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { expect, test, vi } from 'vitest';
import { Wire, type TestLink } from '../../stack/wire.ts';
import { newIdentity, PaperFleet, PaperNode, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { risen } from '../messages/far-site.ts';
import { stateOf } from '../messages/up-frames.ts';
import { helloTo, newHopPair, Stranger } from './made-hello.ts';

const patient = { timeout: 120_000 };

/** A broadcast that `victim` alone is to confirm, and does. */
async function confirms(wire: Wire, victim: TestLink, text: string): Promise<void> {
  const { id } = wire.fleet.command({
    action: { type: 'text', text },
    targets: 'everyone',
    expiresInSeconds: 600,
    by: 'admin',
  });
  const receipts = () => wire.fleet.commands(100).find((command) => command.id === id)?.receipts;
  await vi.waitFor(() => expect(receipts()).toMatchObject([{ node: victim.hex, outcome: 'done' }]), {
    timeout: 30_000,
  });
}

test('a known id with a new key is refused, and the old session lives on', patient, async () => {
  await using wire = await Wire.start();
  const victim = wire.link();
  await victim.open();
  await confirms(wire, victim, 'before');
  const before = { ...wire.fleet.node(victim.hex), lastSeen: 0 };
  const counted = wire.fleet.refusals();

  // As a node that goes on trying, and as somebody who only says HELLO, with the code and without.
  const invite = parseInvite(wire.invite());
  const { hopKey, hopSecret, keys } = newHopPair(invite);
  const identity = nodeIdentity(
    { ...newIdentitySecrets(systemEntropy), id: victim.id },
    hopSecret,
    systemEntropy.bytes(16),
  );
  const thief = wire.link({ identity, keys });
  thief.link.start();
  await vi.waitFor(() => expect(wire.fleet.refusals()['join.identity']).toBe(1), { timeout: 30_000 });
  await confirms(wire, victim, 'meanwhile');
  await thief.stop();
  const tries = [invite.code, new Uint8Array(16)].flatMap((inviteCode) =>
    Array.from({ length: 5 }, () => helloTo(invite, { id: victim.id, inviteCode }).hello),
  );
  const atFirst = wire.fleet.refusals()['join.identity'] ?? 0;
  using stranger = await Stranger.at(invite);
  await stranger.say(...tries);
  await vi.waitFor(() => expect(wire.fleet.refusals()['join.identity']).toBe(atFirst + tries.length), {
    timeout: 30_000,
  });

  await victim.answered();
  await confirms(wire, victim, 'after');
  expect(risen(counted, wire.fleet.refusals())).toEqual({ 'join.identity': atFirst + tries.length });
  expect({ ...wire.fleet.node(victim.hex), lastSeen: 0 }).toEqual(before);
  expect(wire.fleet.nodes()).toHaveLength(1);
  expect([victim.count('lost'), victim.count('rekeyed'), thief.count('live')]).toEqual([0, 0, 0]);
  expect([victim.texts, thief.texts]).toEqual([['before', 'meanwhile', 'after'], []]);
  // The invite was not spent by it.
  expect(wire.fleet.admits(hopKey)).toBe(false);
});

test('neither half of a known node is to be had without the other, and nothing of it changes', () => {
  using world = new PaperFleet();
  const master: PinnedMaster = { rsa: rsa.newest, signing: world.keys.signingPublic };
  const [victim, other] = [world.node(), world.node()];
  const inviteCode = Uint8Array.from(world.invite());
  const sender = new PaperNode(world);
  world.clock.ms += 1000;
  const before = { state: stateOf(world), counted: world.fleet.refusals(), events: world.events.length };
  const { id, publicKey, hopKey } = victim.identity;
  const attempts = {
    'the id, under a key of his own': helloTo(master, { id, inviteCode }),
    'the id and the hop key, under a key of his own': helloTo(master, { id, hopKey, inviteCode }),
    'the id, under the identity of another node': helloTo(master, { by: other.identity, id, inviteCode }),
    'the identity, under an id of his own': helloTo(master, { by: victim.identity, id: newIdentity().id, inviteCode }),
    'the id and the identity, which he can not sign for': helloTo(master, { id, identity: publicKey, inviteCode }),
  };
  const names = Object.keys(attempts);
  const sizes: number[] = [];
  for (const { hello, topic } of Object.values(attempts)) {
    world.hear(topic, ({ length }) => sizes.push(length));
    expect(sender.send(hello, 'join')).toBeUndefined();
  }
  expect(sizes).toEqual(names.map(() => 97));
  expect(risen(before.counted, world.fleet.refusals())).toEqual({ 'join.identity': 4, 'signature.hello': 1 });
  expect(stateOf(world)).toEqual(before.state);
  expect(world.events).toHaveLength(before.events);
  world.text('still here', [victim.id]);
  expect(victim.texts).toEqual(['still here']);
  expect(new PaperNode(world).join(inviteCode)).toBe(true);
});
