// The attacker is a middle that would have the two speak something older or weaker: it changes versions, suites, kinds and flags, puts
// parts of one join into another, and keys of its own in the place of theirs. Beyond any middle: one that holds the RSA key.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { newX25519 } from '@sealcast/channel/exchange';
import { firstKeys } from '@sealcast/channel/keys';
import { sealWithin } from '@sealcast/channel/seal';
import { fingerprint } from '@sealcast/channel/master-keys';
import { expect, test, vi } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import type { TestLink } from '../../stack/wire.ts';
import { kinds } from '../../twin/envelope.ts';
import { knownJoin } from '../../unit/channel/known-join.ts';
import { newDoor, offered, pinned } from '../../unit/channel/parties.ts';
import { FarSite, refusedDown } from '../messages/far-site.ts';

const patient = { timeout: 120_000 };

/** The same message with those bytes at `at`. */
function changed(carried: Carried, at: number, bytes: Uint8Array | number[]): Carried {
  const frame = Buffer.from(carried.frame);
  frame.set(bytes, at);
  expect(frame.equals(carried.frame)).toBe(false);
  return { ...carried, frame };
}

const part = ({ frame }: Carried, from: number, to?: number) => frame.subarray(from, to);

/** The header of every message by another one: older and newer versions and suites, none, and a flag. */
function otherHeaders(carried: Carried): Carried[] {
  return [
    ...[0, 2, 255].map((version) => changed(carried, 0, [version])),
    ...[0, 2, 255].map((suite) => changed(carried, 1, [suite])),
    ...[1, 128].map((flags) => changed(carried, 3, [flags])),
  ];
}
const headerCodes = { 'frame.version': 3, 'frame.suite': 3, 'frame.flags': 2 };

async function goesOn(site: FarSite, link: TestLink, text: string): Promise<void> {
  await link.answered();
  site.text(text);
  await link.hearsText(text);
}

function wrapFor(k0: Uint8Array): Uint8Array {
  const rsa = createPublicKey({ key: Buffer.from(pinned.rsa), format: 'der', type: 'spki' });
  return systemEntropy.wrapKey(rsa, k0);
}

/** What tells the messages of two joins apart. */
function keyOf({ topic, frame }: Carried): string {
  return (topic.length > 0 ? topic : frame).toString('hex');
}

function enrol(): never {
  throw new Error('nobody is let in');
}

/** Two links at once, as far as the messages that `kind` names, which are held back. */
async function bothUpTo(site: FarSite, links: TestLink[], kind: number): Promise<Carried[]> {
  const held = new Map<string, Carried>();
  site.relay.meddle = (carried) => {
    if (carried.frame[2] !== kind) return [carried];
    held.set(keyOf(carried), carried);
    return [];
  };
  for (const { link } of links) link.start();
  await vi.waitFor(() => expect(held.size).toBe(links.length), { timeout: 20_000 });
  return [...held.values()];
}

test(
  'an older version offered by a middle is refused at either end, and the two speak as before',
  patient,
  async () => {
    await using site = await FarSite.start();
    const link = site.link();
    const hellos = site.withhold(({ frame }) => frame[2] === kinds.HELLO);
    link.link.start();
    const hello = await hellos;
    expect(await site.refusedUp(otherHeaders(hello))).toEqual(headerCodes);
    // The highest version that the node speaks stands sealed, second in the plaintext.
    expect(
      await site.refusedUp([1, 2, 3, 255].map((mask) => changed(hello, 273, [(hello.frame[273] ?? 0) ^ mask]))),
    ).toEqual({
      'join.open': 4,
    });
    expect(site.recorded(kinds.OFFER)).toEqual([]);

    const offers = site.withhold(({ frame }) => frame[2] === kinds.OFFER);
    site.relay.pass(hello);
    const offer = await offers;
    expect(await refusedDown(site, link, otherHeaders(offer))).toEqual(headerCodes);
    expect(link.heard.filter(({ type }) => type !== 'refused')).toEqual([]);

    const confirming = site.withhold(({ frame }) => frame[2] === kinds.CONFIRM);
    site.relay.pass(offer);
    const confirm = await confirming;
    expect(await site.refusedUp(otherHeaders(confirm))).toEqual(headerCodes);
    expect(site.wire.fleet.nodes()).toEqual([]);

    const welcoming = site.withhold(({ frame }) => frame[2] === kinds.WELCOME);
    site.relay.pass(confirm);
    const welcome = await welcoming;
    expect(await refusedDown(site, link, otherHeaders(welcome))).toEqual(headerCodes);
    expect(link.count('live')).toBe(0);
    site.relay.meddle = (carried) => [carried];
    site.relay.pass(welcome);
    await link.hears(({ type }) => type === 'live');
    await goesOn(site, link, 'in version 1');
  },
);

test('parts of one HELLO in another do not open, and both nodes join', patient, async () => {
  await using site = await FarSite.start();
  const links = [site.link(), site.link()];
  const [one, other] = await bothUpTo(site, links, kinds.HELLO);
  if (!one || !other) throw new Error('two were to be held back');
  const crossed = [
    changed(one, 4, part(other, 4, 260)),
    changed(one, 260, part(other, 260, 272)),
    changed(one, 272, part(other, 272)),
    changed(one, 260, part(other, 260)),
    changed(other, 4, part(one, 4, 260)),
    changed(other, 1698, part(one, 1698)),
  ];
  expect(await site.refusedUp(crossed)).toEqual({ 'join.open': 6 });
  site.relay.meddle = (carried) => [carried];
  for (const carried of [one, other]) site.relay.pass(carried);
  await Promise.all(links.map((link) => link.hears(({ type }) => type === 'live')));
  for (const link of links) await goesOn(site, link, 'not crossed');
});

test(
  'keys of the middle, or of another join, in an OFFER lead to a seal that the node does not open',
  patient,
  async () => {
    await using site = await FarSite.start();
    const links = [site.link(), site.link()];
    const [one, other] = await bothUpTo(site, links, kinds.OFFER);
    if (!one || !other) throw new Error('two were to be held back');
    const own = newX25519(systemEntropy).publicKey;
    const frames = [
      changed(one, 4, own),
      changed(one, 4, part(other, 4, 36)),
      changed(one, 36, part(other, 36, 1124)),
      changed(one, 4, part(other, 4, 1124)),
      changed(one, 1124, part(other, 1124)),
      { ...other, topic: one.topic },
    ];
    // Which of the two waits under that topic the middle can't tell; together they refuse each once.
    for (const frame of frames) site.relay.pass(frame);
    const codes = () => links.map(({ heard }) => heard.flatMap((said) => (said.type === 'refused' ? [said.code] : [])));
    await vi.waitFor(() => expect(codes().flat()).toHaveLength(frames.length), { timeout: 20_000 });
    expect(
      codes()
        .map((list) => list.length)
        .toSorted((a, b) => a - b),
    ).toEqual([0, frames.length]);
    expect(new Set(codes().flat())).toEqual(new Set(['seal.open']));

    // A CONFIRM of one join under the key id of the other.
    const confirms: Carried[] = [];
    site.relay.meddle = (carried) => {
      if (carried.frame[2] !== kinds.CONFIRM) return [carried];
      confirms.push(carried);
      return [];
    };
    for (const carried of [one, other]) site.relay.pass(carried);
    const keyIds = () => new Set(confirms.map((carried) => part(carried, 4, 12).toString('hex')));
    await vi.waitFor(() => expect(keyIds().size).toBe(2), { timeout: 20_000 });
    const [first] = confirms;
    const second = confirms.find(
      (carried) => !part(carried, 4, 12).equals(first?.frame.subarray(4, 12) ?? Buffer.alloc(0)),
    );
    if (!first || !second) throw new Error('two were to be held back');
    const swapped = [
      changed(first, 4, part(second, 4, 12)),
      changed(second, 4, part(first, 4, 12)),
      changed(first, 12, part(second, 12)),
    ];
    site.relay.meddle = (carried) => [carried];
    expect(await site.refusedUp(swapped)).toEqual({ 'seal.open': 3 });
    expect(site.wire.fleet.nodes()).toEqual([]);
    for (const carried of [first, second]) site.relay.pass(carried);
    await Promise.all(links.map((link) => link.hears(({ type }) => type === 'live')));
    for (const link of links) await goesOn(site, link, 'with their own keys');
  },
);

test('who holds the RSA key can open and seal a HELLO, and still change no version, key or id in it', () => {
  const door = newDoor();
  const join = knownJoin(door.book.invite());
  const print = fingerprint(pinned.signing);
  const resealed = (at: number, bytes: Uint8Array, k0 = join.k0, wrapped?: Uint8Array) => {
    const frame = Buffer.from(join.node.hello);
    if (wrapped !== undefined) frame.set(wrapped, 4);
    frame.set(join.plaintext, 272);
    frame.set(bytes, 272 + at);
    sealWithin(frame, 272, 1426, firstKeys(k0, print).hello, frame.subarray(260, 272), frame.subarray(0, 272));
    return frame;
  };
  const outcome = (frame: Uint8Array) => {
    try {
      return door.joins.receive(frame, 0, enrol).refused ?? 'taken';
    } catch (error) {
      return String(error).split(' ').at(-1);
    }
  };
  expect(outcome(resealed(1, Buffer.of(0)))).toBe('join.version');
  const mine = generateKeyPairSync('x25519').publicKey.export({ format: 'raw-public' });
  const fields: [number, Uint8Array][] = [
    [1, Buffer.of(2)],
    [2, systemEntropy.bytes(16)],
    [18, systemEntropy.bytes(32)],
    [50, systemEntropy.bytes(16)],
    [66, systemEntropy.bytes(32)],
    [98, mine],
    [1314, systemEntropy.bytes(32)],
    [1346, systemEntropy.bytes(16)],
  ];
  expect(fields.map(([at, bytes]) => outcome(resealed(at, bytes)))).toEqual(fields.map(() => 'signature.hello'));
  // The same words under another wrapping, or another K0.
  const rewrap = (k0: Uint8Array) => resealed(0, Buffer.of(1), k0, wrapFor(k0));
  expect([rewrap(join.k0), rewrap(systemEntropy.bytes(32))].map(outcome)).toEqual([
    'signature.hello',
    'signature.hello',
  ]);
  expect(door.joins.pending).toBe(0);
  const offer = door.joins.hello(join.node.hello, 0).frame;
  expect(door.joins.confirm(offered(join.node, offer), 0, door.book.enrol).joined).toBeDefined();
});
