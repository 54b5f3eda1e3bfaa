// Three attackers: a middle that says things in the clear, in the hope that somebody takes them; a node that has joined, and
// whoever holds the master's keys, who seal one kind under the name of another.
import { encode } from '@sealcast/channel/cbor';
import { everyone } from '@sealcast/channel/ids';
import { describe, expect, test } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import { join, u8 } from '../../twin/bytes.ts';
import { kinds, metadataBytes, sealEnvelope } from '../../twin/envelope.ts';
import { upRoute } from '../../twin/session.ts';
import { sample } from '../../unit/channel/parties.ts';
import { PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { chance, FalseMaster } from './false-master.ts';
import { FarSite, refusedDown, risen, tally } from './far-site.ts';
import { dishonestNode } from './dishonest-node.ts';
import { facts, stateOf } from './up-frames.ts';

const command = (target: Uint8Array) => ({
  id: chance(16),
  target,
  issued: Date.now(),
  expires: Date.now() + 60_000,
  action: { type: 'text', text: 'in the clear' },
});

/** Every way to say `body` without a key: alone, as text, and as an envelope that is not sealed. */
function inTheClear(
  kind: number,
  keyId: Uint8Array,
  sequence: bigint,
  value: Parameters<typeof encode>[0],
): Uint8Array[] {
  const body = encode(value);
  const plaintext = join(u8(kind), body);
  const metadata = metadataBytes({ kind, keyId, sequence, nonce: new Uint8Array(12) });
  const [noSuite, flagged] = [Uint8Array.from(metadata), Uint8Array.from(metadata)];
  noSuite[1] = 0;
  flagged[3] = 1;
  return [
    body,
    plaintext,
    Buffer.from(JSON.stringify({ kind, note: 'a text that is longer than the shortest frame could be' })),
    join(metadata, plaintext, new Uint8Array(16)),
    join(metadata, body, new Uint8Array(16)),
    join(metadata, plaintext, new Uint8Array(16).fill(0xff)),
    join(noSuite, plaintext, new Uint8Array(16)),
    join(flagged, plaintext, new Uint8Array(16)),
  ];
}

const unsealed = ['frame.length', 'frame.version', 'frame.suite', 'frame.flags', 'seal.open'];

describe('a sensitive message in the clear is taken by nobody', () => {
  test('on the way up', async () => {
    await using site = await FarSite.start();
    const link = await site.opened();
    const { frame: genuine } = site.last(kinds.REPORT);
    const id = site.text('wait for it', [link.hex]);
    await link.hearsText('wait for it');
    await expect.poll(() => site.wire.fleet.commands(1)[0]?.receipts[0]?.outcome, { timeout: 5000 }).toBe('done');
    const stands = () =>
      site.wire.fleet.nodes().map(({ id: node, state, facts: told, sample: shown }) => [node, state, told, shown]);
    const before = [stands(), site.wire.fleet.commands(10)];
    const said = [
      [kinds.REPORT, { samples: [sample] }],
      [kinds.FACTS, facts],
      [kinds.RECEIPT, { command: Buffer.from(id, 'hex'), outcome: 'failed' }],
      [kinds.LEAVE, {}],
    ] as const;
    const frames = said.flatMap(([kind, body]) => inTheClear(kind, genuine.subarray(4, 12), 900n, body));
    const up = frames.map((frame): Carried => ({ ...site.last(kinds.REPORT), frame: Buffer.from(frame) }));
    const counts = await site.refusedUp(up);
    expect(unsealed).toEqual(expect.arrayContaining(Object.keys(counts)));
    expect(counts).toMatchObject({ 'frame.suite': 4, 'frame.flags': 4, 'seal.open': 12 });
    expect([stands(), site.wire.fleet.commands(10)]).toEqual(before);
    await link.answered();
    expect(site.wire.fleet.node(link.hex)).toMatchObject({ state: 'alive', sample: null, facts: null });
  });

  test('on the way down', async () => {
    await using site = await FarSite.start();
    const link = await site.opened();
    site.text('sealed', 'everyone');
    await link.hearsText('sealed');
    const [ack, broadcast] = [site.last(kinds.ACK), site.last(kinds.BROADCAST)];
    const said = [
      [ack, kinds.COMMAND, command(link.id)],
      [ack, kinds.EPOCH, { epoch: 9, key: chance(32), head: 0 }],
      [broadcast, kinds.BROADCAST, command(everyone)],
    ] as const;
    const frames = said.flatMap(([carried, kind, body]) =>
      inTheClear(kind, carried.frame.subarray(4, 12), 900n, body).map((frame) => ({
        ...carried,
        frame: Buffer.from(frame),
      })),
    );
    const counts = await refusedDown(site, link, frames);
    expect(unsealed).toEqual(expect.arrayContaining(Object.keys(counts)));
    expect(counts).toMatchObject({ 'frame.suite': 3, 'frame.flags': 3, 'seal.open': 9 });
    expect(link.texts).toEqual(['sealed']);
    site.text('sealed too');
    await link.hearsText('sealed too');
  });
});

describe('an inner and an outer kind that differ are refused', () => {
  const bodies = {
    REPORT: { samples: [sample] },
    FACTS: facts,
    RECEIPT: { command: new Uint8Array(16), outcome: 'done' },
    ASK: { epoch: 1, missing: [] },
    LEAVE: {},
    ROTATE: { identity: new Uint8Array(32), old: new Uint8Array(64), new: new Uint8Array(64) },
  } as const;
  const ups = ['REPORT', 'FACTS', 'RECEIPT', 'ASK', 'LEAVE', 'ROTATE'] as const;
  const others = [
    'HELLO',
    'CONFIRM',
    'ACK',
    'COMMAND',
    'EPOCH',
    'ROTATED',
    'BROADCAST',
    'OTHER_UP',
    'OTHER_DOWN',
  ] as const;

  test('by the master, for every pair of kinds that a member may seal', () => {
    using world = new PaperFleet();
    const member = dishonestNode(world);
    const sender = new PaperNode(world);
    world.clock.ms += 1000;
    const [state, counted] = [stateOf(world), world.fleet.refusals()];
    let sequence = 0n;
    const seal = (outer: number, inner: number, body: Uint8Array) => {
      sequence += 1n;
      const metadata = metadataBytes({ kind: outer, keyId: member.keys.keyId, sequence, nonce: chance(12) });
      return sealEnvelope(member.keys.up, metadata, upRoute(member.keys), join(u8(inner), body));
    };
    const codes: string[] = [];
    for (const outer of ups) {
      for (const inner of [...ups, ...others].filter((name) => name !== outer)) {
        const body = inner in bodies ? encode(bodies[outer]) : new Uint8Array(32);
        codes.push(sender.send(seal(kinds[outer], kinds[inner], body)) ?? 'taken');
        world.clock.ms += 100;
      }
    }
    expect(tally(codes)).toEqual({ 'payload.kind': ups.length * (ups.length + others.length - 1) });
    expect(risen(counted, world.fleet.refusals())).toEqual(tally(codes));
    expect(stateOf(world)).toEqual(state);
    expect(sender.send(seal(kinds.FACTS, kinds.FACTS, encode(facts)))).toBeUndefined();
    expect(world.fleet.nodes()[0]?.facts?.name).toBe(facts.name);
  });

  test('by a node, for every pair of kinds that its master may seal', async () => {
    await using here = await FalseMaster.start();
    const { master, link } = here;
    const body = {
      ACK: encode({ through: 0, head: 0, epoch: 1, time: 1 }),
      COMMAND: encode(command(link.id)),
      EPOCH: encode({ epoch: 2, key: chance(32), head: 0 }),
      ROTATED: encode({ identity: chance(32) }),
    };
    const downs = ['ACK', 'COMMAND', 'EPOCH', 'ROTATED'] as const;
    const before = link.heard.length;
    let sent = 0;
    for (const outer of downs) {
      for (const inner of [...downs, ...ups, 'BROADCAST', 'WELCOME', 'OTHER_DOWN'] as const) {
        if (inner === outer) continue;
        master.publish(master.seal(kinds[outer], body[outer], kinds[inner]));
        sent += 1;
      }
    }
    for (const inner of [kinds.COMMAND, kinds.ACK, kinds.OFFER]) {
      master.publish(master.broadcast(1, encode(command(everyone)), inner));
      sent += 1;
    }
    master.publish(
      master.broadcast(1, encode({ ...command(everyone), action: { type: 'text', text: 'as it should be' } })),
    );
    await link.hearsText('as it should be');
    const heard = link.heard.slice(before);
    const codes = heard.flatMap((one) => (one.type === 'refused' ? [one.code] : []));
    expect(tally(codes)).toEqual({ 'payload.kind': sent });
    expect(heard.filter(({ type }) => type !== 'refused')).toHaveLength(1);
    await link.answered();
  });
});
