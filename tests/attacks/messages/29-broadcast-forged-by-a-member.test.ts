// The attacker is a node that has joined, and a middle that is with it: it holds the epoch key, which seals every broadcast, and what
// it forges is published wherever it likes.
import { encode } from '@sealcast/channel/cbor';
import { everyone } from '@sealcast/channel/ids';
import { expect, test } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import type { TestLink } from '../../stack/wire.ts';
import { broadcastSigned, groupRoute } from '../../twin/broadcast.ts';
import { join, u8 } from '../../twin/bytes.ts';
import { aadBytes, kinds, metadataBytes, sealEnvelope } from '../../twin/envelope.ts';
import { epochKeys, masterId } from '../../twin/key-schedule.ts';
import { ed25519Sign, gcmOpen } from '../../twin/primitives.ts';
import { chance } from './false-master.ts';
import { FarSite, refusedDown } from './far-site.ts';

function epochOf(member: TestLink): { epoch: number; key: Uint8Array } {
  const [first] = member.heard;
  if (first?.type !== 'live') throw new Error('the member has not joined');
  return { epoch: first.welcome.epoch, key: Uint8Array.from(first.welcome.key) };
}

function order(text: string): Uint8Array {
  const action = { type: 'text', text };
  return encode({ id: chance(16), target: everyone, issued: Date.now(), expires: Date.now() + 60_000, action });
}

test('a broadcast that a member forges is refused, and uses no number up', async () => {
  await using site = await FarSite.start();
  const [member, victim] = [await site.opened(), await site.opened()];
  site.text('genuine');
  await Promise.all([member, victim].map((link) => link.hearsText('genuine')));
  const genuine = site.last(kinds.BROADCAST);
  const { epoch, key } = epochOf(member);
  const { broadcast, epochId, epochTopic } = epochKeys(key);
  expect(genuine.topic.equals(epochTopic)).toBe(true);
  const route = groupRoute(masterId(Uint8Array.from(member.master.signing)), epoch);

  // What the member can read of the genuine one: the signature, and the order under it.
  const metadata = Uint8Array.from(genuine.frame.subarray(0, 32));
  const aad = aadBytes(metadata, route);
  const opened = gcmOpen(broadcast, metadata.subarray(20), aad, Uint8Array.from(genuine.frame.subarray(32)));
  if (opened === undefined) throw new Error('a member reads what is broadcast');
  const [signature, signed] = [opened.slice(1, 65), opened.slice(65)];
  expect(Buffer.from(signed).includes('genuine')).toBe(true);

  const at = (sequence: bigint, nonce = chance(12)) =>
    metadataBytes({ kind: kinds.BROADCAST, keyId: epochId, sequence, nonce });
  const seal = (head: Uint8Array, ...body: Uint8Array[]) =>
    sealEnvelope(broadcast, head, route, join(u8(kinds.BROADCAST), ...body));
  const byItself = (head: Uint8Array, body: Uint8Array) => ed25519Sign(chance(32), broadcastSigned(head, epoch, body));
  const forged = order('forged');
  const next = at(2n);
  const frames = [
    seal(next, new Uint8Array(64), forged),
    seal(next, byItself(next, forged), forged),
    seal(next),
    seal(next, signature.subarray(0, 63)),
    // The master's signature, over another order, under another number, another nonce.
    seal(next, signature, forged),
    seal(next, signature, signed),
    seal(at(1n), signature, signed),
    seal(at(2n ** 53n - 1n), signature, signed),
    seal(metadata, signature, forged),
    seal(metadata, signature, join(signed, u8(0))),
  ];
  const onTopic = (frame: Uint8Array): Carried => ({ ...genuine, frame: Buffer.from(frame) });
  const before = victim.heard.length;
  const counts = await refusedDown(site, victim, frames.map(onTopic));
  expect(counts).toEqual({ 'signature.broadcast': frames.length });
  // Where the member names another epoch, the seal itself does not fit.
  const elsewhere = groupRoute(masterId(Uint8Array.from(member.master.signing)), epoch + 1);
  const otherEpoch = sealEnvelope(broadcast, metadata, elsewhere, join(u8(kinds.BROADCAST), signature, signed));
  expect(await refusedDown(site, victim, [onTopic(otherEpoch)])).toEqual({ 'seal.open': 1 });
  // And the master takes no broadcast from anybody.
  expect(await site.refusedUp([genuine, onTopic(seal(next, byItself(next, forged), forged))])).toEqual({
    'frame.kind': 2,
  });

  expect(victim.heard.slice(before).filter(({ type }) => type !== 'refused')).toEqual([]);
  expect(site.wire.fleet.commands(10)).toHaveLength(1);
  const id = site.text('the second');
  await victim.hearsText('the second');
  expect(victim.texts).toEqual(['genuine', 'the second']);
  const receipts = () => site.wire.fleet.commands(10).find((one) => one.id === id)?.receipts ?? [];
  await expect.poll(() => receipts().map(({ outcome }) => outcome), { timeout: 10_000 }).toEqual(['done', 'done']);
  expect(site.recorded(kinds.COMMAND)).toEqual([]);
});

test('the epoch key opens and forges nothing in the session of another node', async () => {
  await using site = await FarSite.start();
  const [member, victim] = [await site.opened(), await site.opened()];
  const { epoch, key } = epochOf(member);
  await victim.answered();
  const ack = site.last(kinds.ACK);
  const { broadcast } = epochKeys(key);
  const master = masterId(Uint8Array.from(member.master.signing));
  const metadata = Uint8Array.from(ack.frame.subarray(0, 32));
  const routes = [
    groupRoute(master, epoch),
    { direction: 2, sender: master, target: Uint8Array.from(victim.id), epoch: 0n },
  ];
  for (const one of [key, broadcast])
    for (const route of routes)
      expect(
        gcmOpen(one, metadata.subarray(20), aadBytes(metadata, route), Uint8Array.from(ack.frame.subarray(32))),
      ).toBeUndefined();
  const inSession = metadataBytes({
    kind: kinds.COMMAND,
    keyId: Uint8Array.from(ack.frame.subarray(4, 12)),
    sequence: 500n,
    nonce: chance(12),
  });
  const frames = routes.flatMap((route) =>
    [key, broadcast].map((one) => sealEnvelope(one, inSession, route, join(u8(kinds.COMMAND), order('forged')))),
  );
  const counts = await refusedDown(
    site,
    victim,
    frames.map((frame) => ({ ...ack, frame: Buffer.from(frame) })),
  );
  expect(counts).toEqual({ 'seal.open': 4 });
  expect(victim.texts).toEqual([]);
  await victim.answered();
});
