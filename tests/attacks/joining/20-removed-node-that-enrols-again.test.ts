// The attacker has a machine that an operator took out, with all that it ever had: identity, hop key, session, spent invite. Then he
// comes by a new invite.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { type Invite, parseInvite } from '@sealcast/channel/invite';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { expect, test, vi } from 'vitest';
import { type TestLink, Wire } from '../../stack/wire.ts';
import { sample } from '../../unit/channel/parties.ts';
import { newIdentity, PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { risen } from '../messages/far-site.ts';
import { facts } from '../messages/up-frames.ts';
import { newHopPair } from './made-hello.ts';

const patient = { timeout: 120_000 };

function broadcast(wire: Wire, text: string): string {
  const action = { type: 'text', text } as const;
  return wire.fleet.command({ action, targets: 'everyone', expiresInSeconds: 600, by: 'admin' }).id;
}

/** A machine whose disk the test has. */
function machine(invite: Invite) {
  const { keys, ...hop } = newHopPair(invite);
  const secrets = newIdentitySecrets(systemEntropy);
  const identity = () => nodeIdentity(secrets, hop.hopSecret, randomBytes(16));
  return { ...hop, keys, secrets, identity };
}

test('a removed node that enrols again is let in as a new one alone, and inherits nothing', patient, async () => {
  await using wire = await Wire.start();
  const other = wire.link();
  await other.open();
  const { hopKey, hopSecret, keys, secrets, identity } = machine(parseInvite(wire.invite()));
  const id = Buffer.from(secrets.id).toString('hex');
  const node = wire.link({ identity: identity(), keys });
  await node.open();
  broadcast(wire, 'while it was a member');
  await Promise.all([node, other].map((one) => one.hearsText('while it was a member')));
  const cut = wire.fleet.cuts()['cut.removed'] ?? 0;
  expect(wire.fleet.remove(id, 'admin')).toBe(true);
  await vi.waitFor(() => expect(wire.fleet.cuts()['cut.removed']).toBe(cut + 2), { timeout: 20_000 });
  await node.stop();
  broadcast(wire, 'when it was none');
  await other.hearsText('when it was none');

  // As itself, with a new invite: refused, however often; and its hop key opens no data port.
  const counted = wire.fleet.refusals();
  const itself = wire.link({ identity: identity(), keys });
  itself.link.start();
  await vi.waitFor(() => expect(wire.fleet.refusals()['join.removed']).toBe(1), { timeout: 20_000 });
  await itself.stop();
  expect(wire.fleet.admits(hopKey)).toBe(false);
  // Its identity under another id is known to be of the one that was removed.
  const renamed = nodeIdentity({ ...secrets, id: randomBytes(16) }, hopSecret, randomBytes(16));
  const disguised = wire.link({ identity: renamed, keys });
  disguised.link.start();
  await vi.waitFor(() => expect(wire.fleet.refusals()['join.identity']).toBe(1), { timeout: 20_000 });
  await disguised.stop();
  const {
    'join.removed': asItself = 0,
    'join.identity': asAnother = 0,
    ...more
  } = risen(counted, wire.fleet.refusals());
  expect([asItself > 0, asAnother > 0, more]).toEqual([true, true, {}]);
  expect(wire.fleet.nodes().map((one) => one.id)).toEqual([other.hex]);

  // As somebody new, with a hop key that nobody ever had: a new node, which is told nothing of before.
  const fresh: TestLink = wire.link();
  const newer = machine(parseInvite(wire.invite()));
  const asNew = wire.link({
    identity: nodeIdentity({ ...newIdentitySecrets(systemEntropy), id: fresh.id }, newer.hopSecret, randomBytes(16)),
    keys: newer.keys,
  });
  await asNew.open();
  const [live] = asNew.heard;
  expect(live).toMatchObject({ type: 'live', welcome: { through: 0, interval: 5 } });
  asNew.link.send({ kind: 'ask', body: { epoch: 1, missing: [1, 2] } });
  await asNew.answered();
  broadcast(wire, 'to all that are members');
  await Promise.all([asNew, other].map((one) => one.hearsText('to all that are members')));
  await asNew.answered();
  expect(asNew.texts).toEqual(['to all that are members']);
  expect(wire.fleet.node(fresh.hex)).toMatchObject({ id: fresh.hex, sample: null, facts: null });
  expect(wire.fleet.node(id)).toBeUndefined();
});

test('what a removed node was shows nowhere in the one that its machine becomes', async () => {
  using world = new PaperFleet();
  const witness = world.node();
  const gone = world.node();
  const { hopKey: later, hopSecret } = newIdentity();
  const hopKeys = [gone.identity.hopKey, later];
  gone.identity = { ...gone.identity, hopKey: later, hopSecret };
  expect(gone.join()).toBe(true);
  const spoken = gone.seal({ kind: 'report', body: { samples: [] } });
  gone.say({ kind: 'facts', body: { ...facts, name: 'greenhouse' } });
  gone.say({ kind: 'report', body: { samples: [{ ...sample, number: 7, at: world.clock.ms }] } });
  await expect.poll(() => world.fleet.node(gone.id)?.sample?.number).toBe(7);
  world.fleet.command({
    action: { type: 'interval', seconds: 60 },
    targets: [gone.id],
    expiresInSeconds: 600,
    by: 'admin',
  });
  gone.kill();
  const waiting = world.text('to one that is to go', [gone.id]);
  expect(world.fleet.remove(gone.id, 'admin')).toBe(true);
  world.pass(2000);
  expect(world.store.samples.newest(gone.id)).toBeNull();

  // More invites are made meanwhile.
  const whatIsThere = () => [world.store.roster.all(), world.fleet.nodes(), world.fleet.commands(10)];
  const [before, counted] = [whatIsThere(), world.fleet.refusals()];
  const sender = new PaperNode(world);
  expect(gone.again().join(world.invite())).toBe(false);
  expect(gone.again().join()).toBe(false);
  expect(new PaperNode(world, { ...gone.identity, id: newIdentity().id }).join(world.invite())).toBe(false);
  expect(new PaperNode(world, newIdentity(gone.identity.id)).join(world.invite())).toBe(false);
  expect(sender.send(spoken)).toBe('key.unknown');
  expect(risen(counted, world.fleet.refusals())).toEqual({ 'join.removed': 3, 'join.identity': 1, 'key.unknown': 1 });
  expect(whatIsThere()).toEqual(before);

  for (const hopKey of hopKeys)
    expect(new PaperNode(world, { ...newIdentity(), hopKey }).join(world.invite())).toBe(false);
  const again = new PaperNode(world);
  expect(again.join(world.invite())).toBe(true);
  expect(again.welcome).toMatchObject({ through: 0, interval: 5 });
  world.pass(10_000);
  expect([again.heard.filter(({ kind }) => kind === 'command'), again.texts]).toEqual([[], []]);
  expect(world.fleet.node(again.id)).toMatchObject({ facts: null, sample: null });
  const receipts = world.fleet.commands(10).find(({ id }) => id === waiting)?.receipts;
  expect(receipts).toMatchObject([{ node: gone.id, outcome: 'expired' }]);
  expect(world.store.roster.find(gone.id)?.removedAt).not.toBeNull();
  expect(witness.report()).toBeUndefined();
});
