// The attacker is a middle that sees under which topic a node waits, and answers in the master's place: with what he made up, with
// what the master told others, with what another master says. And, beyond any middle, somebody who has stolen the master's RSA key
// and so holds K0, but not its signing key.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import type { TestLink } from '../../stack/wire.ts';
import { kinds } from '../../twin/envelope.ts';
import { knownJoin, rawOffer, rawRefusal, rawWelcome } from '../../unit/channel/known-join.ts';
import { newDoor, offered, refusalOf } from '../../unit/channel/parties.ts';
import { FarSite, refusedDown } from '../messages/far-site.ts';
import { helloTo } from './made-hello.ts';
import { parseInvite } from '@sealcast/channel/invite';

const patient = { timeout: 120_000 };
const sizes = { OFFER: 1225, WELCOME: 150, REFUSAL: 97 } as const;

function madeUp(name: keyof typeof sizes, keyId?: Uint8Array): Buffer {
  const frame = randomBytes(sizes[name]);
  frame.set([1, 1, kinds[name], 0]);
  // A sequence of 1.
  if (name === 'WELCOME') frame.set([...(keyId ?? randomBytes(8)), 0, 0, 0, 0, 0, 0, 0, 1], 4);
  return frame;
}

function under(topic: Buffer, frames: Uint8Array[]): Carried[] {
  return frames.map((frame) => ({ direction: 'down', name: 'join', topic, frame: Buffer.from(frame) }));
}

/** A REFUSAL that the master gave somebody else. */
async function refusalOfAnother(site: FarSite): Promise<Buffer> {
  const { hello, topic } = helloTo(parseInvite(site.wire.invite()));
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  site.wire.joinPasses = (to, frame) => {
    if (topic.equals(to)) resolve(Buffer.from(frame));
    return true;
  };
  site.relay.pass({ direction: 'up', name: 'join', topic: Buffer.alloc(0), frame: Buffer.from(hello) });
  return await promise;
}

async function goesOn(site: FarSite, link: TestLink, text: string): Promise<void> {
  await link.answered();
  site.text(text);
  await link.hearsText(text);
}

test('forged replies of a master are ignored, each is counted, and the node goes on and joins', patient, async () => {
  await using site = await FarSite.start();
  await using foreign = await FarSite.start();
  const [other, stranger] = [await site.opened(), await foreign.opened()];
  const refusal = await refusalOfAnother(site);
  const foreignRefusal = await refusalOfAnother(foreign);
  const told = [site.last(kinds.OFFER).frame, site.last(kinds.WELCOME).frame, refusal];
  const toldElsewhere = [foreign.last(kinds.OFFER).frame, foreign.last(kinds.WELCOME).frame, foreignRefusal];
  const count = site.wire.fleet.nodes().length;

  const link = site.link();
  const offering = site.withhold(({ frame }) => frame[2] === kinds.OFFER || frame[2] === kinds.WELCOME);
  link.link.start();
  const offer = await offering;
  const { topic } = offer;
  const invented = () => [madeUp('OFFER'), madeUp('WELCOME'), madeUp('REFUSAL')];
  const ones = invented().map((frame) => frame.fill(0xff, 12));
  const greeting = under(topic, [...invented(), ...ones, ...told, ...toldElsewhere]);
  expect(await refusedDown(site, link, greeting)).toEqual({ 'seal.open': 8, 'key.unknown': 4 });
  expect(link.heard.filter(({ type }) => type !== 'refused')).toEqual([]);

  // It takes the genuine OFFER after all; then the same once more, where it waits for WELCOME.
  const confirms = site.recorded(kinds.CONFIRM).length;
  site.relay.pass(offer);
  await vi.waitFor(() => expect(site.recorded(kinds.CONFIRM).length).toBeGreaterThan(confirms), { timeout: 20_000 });
  const keyId = site.last(kinds.CONFIRM).frame.subarray(4, 12);
  await vi.waitFor(() => expect(site.last(kinds.WELCOME).topic).toEqual(topic), { timeout: 20_000 });
  const welcome = site.last(kinds.WELCOME);
  const renamed = told.slice(1, 2).map((frame) => {
    const copy = Buffer.from(frame);
    copy.set(keyId, 4);
    return copy;
  });
  const confirming = under(topic, [madeUp('OFFER'), madeUp('WELCOME', keyId), madeUp('REFUSAL'), ...told, ...renamed]);
  expect(await refusedDown(site, link, confirming)).toEqual({ 'key.unknown': 3, 'seal.open': 4 });
  expect(link.heard.filter(({ type }) => type !== 'refused')).toEqual([]);

  site.relay.meddle = (carried) => [carried];
  site.relay.pass(welcome);
  await link.hears(({ type }) => type === 'live');
  await goesOn(site, link, 'to who has joined');
  expect(site.wire.fleet.nodes()).toHaveLength(count + 1);
  await Promise.all([other.answered(), stranger.answered()]);
});

test('who holds the RSA key and not the signing key can answer, and is not believed', () => {
  const door = newDoor();
  const join = knownJoin(door.book.invite());
  const signer = generateKeyPairSync('ed25519').privateKey;
  const own = rawOffer(join, { signer });
  expect(refusalOf(() => join.node.receive(own.frame))).toBe('signature.offer');
  expect(refusalOf(() => join.node.receive(rawRefusal(join, { signer })))).toBe('signature.refusal');
  expect(refusalOf(() => join.node.receive(rawWelcome(join, own.keys, own.keyId, {})))).toBe('key.unknown');
  // What the master signed, but for another join.
  const another = knownJoin(door.book.invite());
  const signedForAnother = { signed: rawOffer(another).h2 };
  expect(refusalOf(() => join.node.receive(rawOffer(join, signedForAnother).frame))).toBe('signature.offer');
  expect(refusalOf(() => join.node.receive(rawRefusal(join, { signed: another.h1 })))).toBe('signature.refusal');

  const offer = door.joins.hello(join.node.hello, 0).frame;
  const reply = door.joins.confirm(offered(join.node, offer), 0, door.book.enrol);
  expect(refusalOf(() => join.node.receive(rawRefusal(join, { signer })))).toBe('signature.refusal');
  expect(refusalOf(() => join.node.receive(own.frame))).toBe('key.unknown');
  expect(refusalOf(() => join.node.receive(rawWelcome(join, own.keys, own.keyId, {})))).toBe('key.unknown');
  expect(join.node.receive(reply.frame).type).toBe('welcome');
  expect(door.book.enrolled).toBe(1);
});
