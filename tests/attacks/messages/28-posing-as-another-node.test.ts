// The attacker is a node that has joined: it holds its own keys, and knows the ids, key ids and command ids of another.
import { fingerprint } from '@sealcast/channel/master-keys';
import { makeRotate } from '@sealcast/channel/rotate';
import { encode } from '@sealcast/channel/cbor';
import { expect, test } from 'vitest';
import { join, u8 } from '../../twin/bytes.ts';
import { kinds, metadataBytes, sealEnvelope } from '../../twin/envelope.ts';
import { upRoute } from '../../twin/session.ts';
import { sample } from '../../unit/channel/parties.ts';
import { newIdentity, PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { dishonestNode } from './dishonest-node.ts';
import { chance } from './false-master.ts';
import { risen, tally } from './far-site.ts';
import { facts, stateOf } from './up-frames.ts';

function parties(world: PaperFleet) {
  const victim = world.node();
  const attacker = dishonestNode(world);
  const { session } = victim;
  if (session === undefined) throw new Error('the node was not let in');
  const sender = new PaperNode(world);
  const say = (...message: Parameters<typeof attacker.session.seal>) => sender.send(attacker.session.seal(...message));
  return { victim, session, attacker, sender, say };
}

const asObject = { ...facts, cpu: { ...facts.cpu } };

test('a node that uses the key id or the name of another is refused, and nothing of the other changes', () => {
  using world = new PaperFleet();
  const { victim, session, attacker, sender } = parties(world);
  world.clock.ms += 1000;
  const [state, counted] = [stateOf(world), world.fleet.refusals()];
  const own = attacker.keys;
  const [key, keyId] = [own.up, Uint8Array.from(session.keyId)];
  const ids = { nodeId: Uint8Array.from(victim.identity.id), masterId: own.masterId };
  const bodies = [
    [kinds.LEAVE, {}],
    [kinds.FACTS, facts],
    [kinds.REPORT, { samples: [sample] }],
    [kinds.ASK, { epoch: 1, missing: [] }],
  ] as const;
  const forged = bodies.flatMap(([kind, body]) => {
    const plaintext = join(u8(kind), encode(body));
    const under = (id: Uint8Array) => metadataBytes({ kind, keyId: id, sequence: 9n, nonce: chance(12) });
    return [
      // The other's key id, in its own name and in the other's.
      sealEnvelope(key, under(keyId), upRoute(own), plaintext),
      sealEnvelope(key, under(keyId), upRoute(ids), plaintext),
      // Its own key id in the other's name.
      sealEnvelope(key, under(own.keyId), upRoute(ids), plaintext),
      // Its own frame, renamed.
      join(under(keyId).subarray(0, 12), sealEnvelope(key, under(own.keyId), upRoute(own), plaintext).subarray(12)),
    ];
  });
  const codes = forged.map((frame) => sender.send(frame) ?? 'taken');
  expect(tally(codes)).toEqual({ 'seal.open': 16 });
  expect(risen(counted, world.fleet.refusals())).toEqual({ 'seal.open': 16 });
  expect(stateOf(world)).toEqual(state);
  expect(victim.report()).toBeUndefined();
  expect(sender.send(attacker.session.seal('FACTS', asObject, chance(12)))).toBeUndefined();
});

test('a receipt for a command of another node answers nothing', () => {
  using world = new PaperFleet();
  const { victim, say } = parties(world);
  victim.kill();
  const id = world.text('for the victim alone', [victim.id]);
  const command = () => world.fleet.commands(10).find((one) => one.id === id);
  for (const outcome of ['done', 'failed', 'refused', 'expired'])
    expect(say('RECEIPT', { command: Uint8Array.from(Buffer.from(id, 'hex')), outcome }, chance(12))).toBeUndefined();
  expect(say('RECEIPT', { command: chance(16), outcome: 'done' }, chance(12))).toBeUndefined();
  expect(command()?.receipts).toMatchObject([{ node: victim.id, outcome: 'waiting' }]);
  expect(world.fleet.commands(10)).toHaveLength(1);
  const receipt = { command: Buffer.from(id, 'hex'), outcome: 'done' } as const;
  expect(victim.say({ kind: 'receipt', body: receipt })).toBeUndefined();
  expect(command()?.receipts).toMatchObject([{ node: victim.id, outcome: 'done' }]);
});

test('asking for broadcasts that were given before it joined, or were never given, brings a node nothing', () => {
  using world = new PaperFleet();
  world.node();
  world.text('before its time');
  const { attacker, say } = parties(world);
  world.text('in its time');
  const before = attacker.came.length;
  expect(say('ASK', { epoch: 1, missing: [1, 3, 4, 9_007_199_254_740_991] }, chance(12))).toBeUndefined();
  expect(attacker.came).toHaveLength(before);
  expect(say('ASK', { epoch: 1, missing: [1, 2] }, chance(12))).toBeUndefined();
  const answers = attacker.came.slice(before);
  expect(answers.map((frame) => frame[2])).toEqual([kinds.COMMAND]);
});

test('facts and samples under the name and the numbers of another node are shown as those of the node that sent them', async () => {
  using world = new PaperFleet();
  const { victim, attacker, say } = parties(world);
  victim.say({ kind: 'facts', body: { ...facts, name: 'greenhouse' } });
  victim.say({ kind: 'report', body: { samples: [{ ...sample, number: 5, cpu: 1, at: world.clock.ms }] } });
  await expect.poll(() => world.fleet.node(victim.id)?.sample?.number).toBe(5);
  const before = world.fleet.node(victim.id);
  expect(say('FACTS', { ...asObject, name: 'greenhouse' }, chance(12))).toBeUndefined();
  const samples = [{ ...sample, number: 6, cpu: 99, at: world.clock.ms }];
  expect(say('REPORT', { samples }, chance(12))).toBeUndefined();
  await expect.poll(() => world.fleet.node(attacker.id)?.sample?.number).toBe(6);
  expect(world.fleet.node(victim.id)).toEqual(before);
  expect(world.fleet.node(attacker.id)).toMatchObject({
    id: attacker.id,
    facts: { name: 'greenhouse' },
    sample: { cpu: 99 },
  });
  expect(world.store.samples.through(victim.id)).toBe(5);
});

test('an identity that another node has can not be taken', () => {
  using world = new PaperFleet();
  const { victim, say, attacker } = parties(world);
  const accomplice = world.node();
  for (const node of [victim, accomplice]) world.orderRotation(node);
  world.clock.ms += 1000;
  const [state, counted] = [stateOf(world), world.fleet.refusals()];
  const print = fingerprint(world.keys.signingPublic);
  const next = newIdentity(victim.identity.id);
  const ofVictim = makeRotate(victim.identity, next, print);
  const bytes = (body: typeof ofVictim) => ({
    identity: Uint8Array.from(body.identity),
    old: Uint8Array.from(body.old),
    new: Uint8Array.from(body.new),
  });
  // What the other node said once; the other's identity without its signature; the same with a signature of its own.
  expect(say('ROTATE', bytes(ofVictim), chance(12))).toBe('signature.rotate');
  expect(say('ROTATE', { ...bytes(ofVictim), identity: victim.identity.publicKey }, chance(12))).toBe(
    'signature.rotate',
  );
  const { seed } = { seed: attacker.identitySeed };
  expect(seed).toHaveLength(32);
  // Two nodes of one attacker, who holds both identities.
  const stolen = { ...accomplice.identity, id: accomplice.identity.id };
  const toVictims = makeRotate(stolen, { ...newIdentity(stolen.id), publicKey: victim.identity.publicKey }, print);
  expect(accomplice.say({ kind: 'rotate', body: toVictims })).toBe('signature.rotate');
  const both = makeRotate(stolen, { ...victim.identity, id: stolen.id }, print);
  expect(accomplice.say({ kind: 'rotate', body: both })).toBe('join.identity');
  // One that the identity before has not signed: who has the session's keys has not that.
  const unsigned = makeRotate(stolen, newIdentity(stolen.id), print);
  expect(accomplice.say({ kind: 'rotate', body: { ...unsigned, old: ofVictim.old } })).toBe('signature.rotate');
  expect(risen(counted, world.fleet.refusals())).toEqual({ 'signature.rotate': 4, 'join.identity': 1 });
  const { rows } = stateOf(world) as { rows: unknown };
  expect(rows).toEqual((state as { rows: unknown }).rows);
  expect(victim.say({ kind: 'rotate', body: ofVictim })).toBeUndefined();
  expect(world.store.roster.find(victim.id)?.identity).toBe(Buffer.from(next.publicKey).toString('hex'));
});
