// The attacker speaks the protocol with keys that are none: points of low order, for which every shared secret is zero, ML-KEM keys
// with coefficients that are out of range, ciphertexts that are somebody else's. At the master he has a good invite; at the node he is
// a middle.
import { systemEntropy } from '@sealcast/channel/entropy';
import { newMlkem } from '@sealcast/channel/exchange';
import { parseInvite } from '@sealcast/channel/invite';
import type { PinnedMaster } from '@sealcast/channel/join-node';
import { expect, test, vi } from 'vitest';
import { Wire } from '../../stack/wire.ts';
import { kinds } from '../../twin/envelope.ts';
import { PaperFleet, PaperNode, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { FarSite, refusedDown, risen } from '../messages/far-site.ts';
import { stateOf } from '../messages/up-frames.ts';
import { helloTo, Stranger } from './made-hello.ts';

const patient = { timeout: 120_000 };
const x25519At = 4;
const ciphertextAt = 36;
const mlkemBytes = 1184;
/** FIPS 203: coefficients are below it, two of them in three bytes, and 32 bytes of seed behind all of them. */
const q = 3329;
const coefficients = 768;

// RFC 7748 §6.1 and its errata: 0, 1, the two points of order 8, p-1, and p and p+1, which stand for 0 and 1; the two of order 8 plus p
// do not fit into 255 bits.
const lowOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((digits) => {
  const point = Uint8Array.from(Buffer.from(digits, 'hex'));
  // The highest bit is not looked at (RFC 7748 §5).
  return [point, point.with(31, (point[31] ?? 0) | 0x80)];
});

const goodMlkem = Uint8Array.from(newMlkem(systemEntropy).publicKey);

/** The same encapsulation key with another coefficient at that place. */
function withCoefficient(index: number, value: number): Uint8Array {
  const key = Uint8Array.from(goodMlkem);
  const at = Math.floor(index / 2) * 3;
  const [low = 0, middle = 0, high = 0] = key.subarray(at, at + 3);
  const pair = low | (middle << 8) | (high << 16);
  const shift = index % 2 === 0 ? 0 : 12;
  const other = (pair & ~(0xfff << shift)) | (value << shift);
  key.set([other & 0xff, (other >> 8) & 0xff, (other >> 16) & 0xff], at);
  return key;
}

const outOfRange = [
  ...Array.from({ length: coefficients }, (_, index) => withCoefficient(index, index % 3 === 0 ? q : 4095)),
  new Uint8Array(mlkemBytes).fill(0xff),
];

test('malformed public keys in a HELLO are refused, also of somebody with an invite, and nothing changes', () => {
  using world = new PaperFleet();
  const master: PinnedMaster = { rsa: rsa.newest, signing: world.keys.signingPublic };
  const victim = world.node();
  const inviteCode = Uint8Array.from(world.invite());
  const sender = new PaperNode(world);
  world.clock.ms += 1000;
  const before = { state: stateOf(world), counted: world.fleet.refusals() };
  const answers: number[] = [];
  const say = (parts: Parameters<typeof helloTo>[1]) => {
    const { hello, topic } = helloTo(master, { inviteCode, ...parts });
    world.hear(topic, ({ length }) => answers.push(length));
    expect(sender.send(hello, 'join')).toBeUndefined();
  };
  for (const x25519 of lowOrder) say({ x25519 });
  for (const mlkem of outOfRange) say({ mlkem });
  // A known node's own identity makes them no better.
  for (const x25519 of lowOrder) say({ by: victim.identity, x25519 });
  say({ id: new Uint8Array(16) });
  say({ instance: new Uint8Array(16) });
  const said = 2 * lowOrder.length + outOfRange.length + 2;
  expect(risen(before.counted, world.fleet.refusals())).toEqual({ 'join.key': said });
  expect(answers).toEqual(Array(said).fill(97));
  expect(stateOf(world)).toEqual(before.state);
  // The largest coefficient is none of them.
  answers.length = 0;
  say({ mlkem: withCoefficient(5, q - 1), inviteCode });
  expect(answers).toEqual([1225]);
  expect(new PaperNode(world).join(inviteCode)).toBe(true);
  expect(victim.report()).toBeUndefined();
});

test('malformed public keys are refused at a join port too, and a node joins meanwhile', patient, async () => {
  await using wire = await Wire.start();
  const invite = parseInvite(wire.invite());
  const counted = wire.fleet.refusals();
  const bad = [
    ...[0, 2, 4, 7, 9, 13].map((index) => ({ x25519: lowOrder[index] ?? new Uint8Array(32) })),
    ...[0, 1, 767].map((index) => ({ mlkem: outOfRange[index] ?? new Uint8Array(mlkemBytes) })),
  ];
  const hellos = bad.map((parts) => helloTo(invite, { inviteCode: invite.code, ...parts }).hello);
  // A key of ML-KEM-512 is shorter, and so is the HELLO; with one of ML-KEM-1024 it would be above the limit of the port.
  const lengths = [-384, 300].map((more) => Buffer.alloc(1714 + more, hellos[0] ?? ''));
  using stranger = await Stranger.at(invite);
  const node = wire.link();
  const [, opened] = [await stranger.say(...hellos, ...lengths), node.open()];
  await vi.waitFor(
    () =>
      expect(risen(counted, wire.fleet.refusals())).toEqual({ 'join.key': bad.length, 'frame.length': lengths.length }),
    { timeout: 30_000 },
  );
  await opened;
  await node.answered();
  expect(wire.fleet.nodes()).toHaveLength(1);
});

test(
  'malformed keys and ciphertexts in an OFFER are refused by the node, which goes on and joins',
  patient,
  async () => {
    await using site = await FarSite.start();
    const [link, other] = [site.link(), await site.opened()];
    const ofAnother = site.last(kinds.OFFER).frame;
    const offering = site.withhold(({ frame }) => frame[2] === kinds.OFFER);
    link.link.start();
    const offer = await offering;
    const put = (at: number, bytes: Uint8Array) => {
      const frame = Buffer.from(offer.frame);
      frame.set(bytes, at);
      return { ...offer, frame };
    };
    const points = lowOrder.map((point) => put(x25519At, point));
    // A ciphertext that is not for this key gives another secret, and says nothing (FIPS 203 §7.3).
    const ciphertexts = [
      new Uint8Array(1088),
      new Uint8Array(1088).fill(0xff),
      ofAnother.subarray(ciphertextAt, 1124),
      ...[0, 500, 959, 960, 1087].map((at) => {
        const bytes = Uint8Array.from(offer.frame.subarray(ciphertextAt, 1124));
        return bytes.with(at, (bytes[at] ?? 0) ^ 1);
      }),
    ].map((bytes) => put(ciphertextAt, bytes));
    const lengths = [-320, 480, -1, 1].map((more) => ({ ...offer, frame: Buffer.alloc(1225 + more, offer.frame) }));
    expect(await refusedDown(site, link, [...points, ...ciphertexts, ...lengths])).toEqual({
      'join.key': points.length,
      'seal.open': ciphertexts.length,
      'frame.length': lengths.length,
    });
    expect(link.heard.filter(({ type }) => type !== 'refused')).toEqual([]);
    site.relay.meddle = (carried) => [carried];
    site.relay.pass(offer);
    await link.hears(({ type }) => type === 'live');
    for (const one of [link, other]) await one.answered();
    site.text('with good keys');
    await Promise.all([link, other].map((one) => one.hearsText('with good keys')));
  },
);
