import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, zero } from '../twin/bytes.ts';
import { chanceFrom } from '../twin/chance.ts';
import { everyone } from '../twin/envelope.ts';
import type { Mechanism } from '../twin/hop-key.ts';
import { masterId } from '../twin/key-schedule.ts';
import { ed25519Public, sha256 } from '../twin/primitives.ts';
import { pkcs8, rsaFromPrimes, spki } from '../twin/rsa.ts';
import type { Roster } from '../twin/roster.ts';
import { rsaPrimes } from '../twin/vectors/rsa-primes.ts';
import { command, downMessages, upMessages, welcome } from './arbitraries.ts';
import { channel } from './channel-subject.ts';
import { bodyOf } from './judge.ts';
import type { MasterDraws, MasterSecretKeys, NodeDraws, NodeSecrets, SessionSubject, Subject } from './subject.ts';
import { twin } from './twin-subject.ts';

/** Everything that a join needs, from a seed that a failure prints. */
const seeds = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex);

const mechanisms = ['curve', 'plain', 'null'] as const;

function partiesOf(seed: string, mechanism: Mechanism = 'curve') {
  const draw = chanceFrom(seed);
  const rsa = rsaFromPrimes(...rsaPrimes[0]);
  const olderRsa = rsaFromPrimes(...rsaPrimes[2]);
  const signingSeed = draw('signing', 32);
  const signingPublicKey = ed25519Public(signingSeed);
  const master: MasterSecretKeys = {
    rsaPrivateKeyPkcs8: pkcs8(rsa),
    rsaPublicKeySpki: spki(rsa),
    older: { rsaPrivateKeyPkcs8: pkcs8(olderRsa), rsaPublicKeySpki: spki(olderRsa) },
    signingSeed,
    signingPublicKey,
    mechanism,
  };
  const node: NodeSecrets = {
    rsaPublicKeySpki: master.rsaPublicKeySpki,
    signingPublicKey,
    nodeId: draw('node id', 16),
    identitySeed: draw('identity', 32),
    mechanism,
    hopSecret: mechanism === 'null' ? zero(32) : draw('hop secret', 32),
    instance: draw('instance', 16),
    inviteCode: draw('code', 16),
  };
  const nodeDraws: NodeDraws = {
    K0: draw('K0', 32),
    oaepSeed: draw('oaep', 32),
    random: draw('random', 32),
    x25519Private: draw('node x25519', 32),
    mlkemSeed: draw('node mlkem', 64),
    nonce: draw('hello nonce', 12),
    confirmNonce: draw('confirm nonce', 12),
  };
  const masterDraws: MasterDraws = {
    x25519Private: draw('master x25519', 32),
    mlkemRandomness: draw('mlkem randomness', 32),
    keyId: draw('key id', 8),
    offerNonce: draw('offer nonce', 12),
    welcomeNonce: draw('welcome nonce', 12),
  };
  const roster: Roster = { nodes: [], invites: [{ inviteHash: sha256(node.inviteCode), state: 'open' }] };
  return { master, node, nodeDraws, masterDraws, roster };
}

/** A whole join of a node of one implementation at a master of another. */
function joinBetween(
  nodeOf: Subject,
  masterOf: Subject,
  seed: string,
  welcomeBody: Parameters<typeof bodyOf>[0],
  mechanism: Mechanism,
) {
  const { master, node, nodeDraws, masterDraws, roster } = partiesOf(seed, mechanism);
  const joins = masterOf.master(master, roster, masterDraws);
  const joining = nodeOf.node(node, nodeDraws);
  const offer = joins.hello(joining.hello);
  expect(toHex(offer.topic)).toBe(toHex(joining.topic));
  const confirming = joining.receive(offer.frame);
  if (confirming.type !== 'offer') throw new Error(`expected an offer, got ${confirming.type}`);
  const reply = joins.confirm(confirming.confirm, welcomeBody as Parameters<typeof joins.confirm>[1]);
  const welcomed = joining.receive(reply.frame);
  if (welcomed.type !== 'welcome' || !reply.session) throw new Error(`expected a welcome, got ${welcomed.type}`);
  expect(bodyOf(welcomed.welcome)).toEqual(bodyOf(welcomeBody));
  expect(toHex(welcomed.session.topic)).toBe(toHex(reply.session.topic));
  expect(roster.invites[0]?.state).toBe('spent');
  return {
    atNode: welcomed.session,
    atMaster: reply.session,
    nodeId: node.nodeId,
    frames: [joining.hello, offer.frame, confirming.confirm, reply.frame],
  };
}

function expectCarried(
  from: SessionSubject,
  to: SessionSubject,
  messages: [string, Parameters<SessionSubject['seal']>[1]][],
) {
  for (const [kind, body] of messages) {
    const opened = to.open(from.seal(kind, body));
    expect(opened.kind).toBe(kind);
    expect(bodyOf(opened.body)).toEqual(bodyOf(body));
  }
}

describe.each([
  { nodeOf: twin, masterOf: channel },
  { nodeOf: channel, masterOf: twin },
])('a node of the $nodeOf.name at a master of the $masterOf.name', ({ nodeOf, masterOf }) => {
  it('joins with any keys, and the session carries any message both ways', () => {
    let joins = 0;
    fc.assert(
      fc.property(
        seeds,
        welcome,
        fc.array(upMessages, { maxLength: 5 }),
        fc.constantFrom(...mechanisms),
        (seed, body, ups, mechanism) => {
          const { atNode, atMaster, nodeId } = joinBetween(nodeOf, masterOf, seed, body, mechanism);
          expectCarried(atNode, atMaster, ups);
          expectCarried(
            atMaster,
            atNode,
            fc.sample(downMessages(nodeId), { numRuns: 4, seed: Number.parseInt(seed.slice(0, 6), 16) }),
          );
          joins++;
        },
      ),
      { numRuns: 10 },
    );
    expect(joins).toBe(10);
  });
});

describe('a join between the twin and the channel', () => {
  it.each(mechanisms)('is made of the same bytes whichever is the node and the master, under %s', (mechanism) => {
    fc.assert(
      fc.property(seeds, welcome, (seed, body) => {
        const [first, ...others] = [
          joinBetween(twin, channel, seed, body, mechanism),
          joinBetween(channel, twin, seed, body, mechanism),
          joinBetween(channel, channel, seed, body, mechanism),
        ].map(({ frames }) => frames.map(toHex));
        for (const frames of others) expect(frames).toEqual(first);
      }),
      { numRuns: 2 },
    );
  });

  it('ends in REFUSAL, which the node of the other takes, where the invite is not known', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, isTwinNode) => {
        const { master, node, nodeDraws, masterDraws } = partiesOf(seed);
        const [nodeOf, masterOf] = isTwinNode ? [twin, channel] : [channel, twin];
        const joining = nodeOf.node(node, nodeDraws);
        const reply = masterOf.master(master, { nodes: [], invites: [] }, masterDraws).hello(joining.hello);
        expect(reply.refused).toBe('join.invite');
        expect(joining.receive(reply.frame)).toEqual({ type: 'refused' });
      }),
      { numRuns: 6 },
    );
  });
});

describe.each([
  { sealer: twin, reader: channel },
  { sealer: channel, reader: twin },
])('broadcasts of the $sealer.name', ({ sealer, reader }) => {
  it(`are read by the ${reader.name}, whatever they say`, () => {
    const epochs = fc.record({
      epoch: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    });
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), {
      minLength: 1,
      maxLength: 4,
    });
    let read = 0;
    fc.assert(
      fc.property(seeds, epochs, numbers, command, (seed, epoch, drawn, order) => {
        const { master } = partiesOf(seed);
        const draw = chanceFrom(seed);
        const rising = drawn.toSorted((a, b) => a - b);
        const body = { ...order, target: everyone };
        const seal = sealer.broadcasts(
          master,
          epoch,
          rising.map((number) => draw(`nonce ${number}`, 12)),
        );
        const listening = reader.reader(master.signingPublicKey);
        listening.set(epoch.epoch, epoch.key, 0);
        for (const number of rising) {
          const { topic, frame } = seal(number, body);
          const opened = listening.open(topic, frame, 0);
          expect(opened.number).toBe(number);
          expect(bodyOf(opened.command)).toEqual(bodyOf(body));
          read++;
        }
      }),
      { numRuns: 25 },
    );
    expect(read).toBeGreaterThanOrEqual(25);
  });
});

describe('sessions with the same keys', () => {
  it('are sealed to the same bytes by the twin and the channel', () => {
    fc.assert(
      fc.property(seeds, fc.array(upMessages, { minLength: 1, maxLength: 4 }), (seed, messages) => {
        const draw = chanceFrom(seed);
        const secrets = {
          keyId: draw('key id', 8),
          up: draw('up', 32),
          down: draw('down', 32),
          topic: zero(16),
          nodeId: draw('node id', 16),
          masterId: masterId(draw('signing', 32)),
        };
        const nonces = messages.map((_, index) => draw(`nonce ${index}`, 12));
        const [a, b] = [twin, channel].map((subject) => subject.session('node', secrets, nonces));
        for (const [kind, body] of messages)
          expect(toHex(b?.seal(kind, body) ?? zero(0))).toBe(toHex(a?.seal(kind, body) ?? zero(0)));
      }),
      { numRuns: 50 },
    );
  });
});
