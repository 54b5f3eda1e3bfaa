// The attacker is a middle: it sees every frame, and lets one on with a bit turned over.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Session, type SessionKeys } from '@sealcast/channel/session';
import { parseHop } from '@sealcast/channel/hop-line';
import { describe, expect, test } from 'vitest';
import { FalseRelay } from '../../stack/false-relay.ts';
import { inviteThrough, type KnownRelay, masterLine, tellOf } from '../../stack/relay-process.ts';
import { Stack } from '../../stack/stack.ts';
import { kinds } from '../../twin/envelope.ts';
import { refusalOf } from '../../unit/channel/parties.ts';
import { PaperFleet } from '../../unit/master/fleet/paper-fleet.ts';
import { downNames, forgeDown } from './down-frames.ts';
import { FarSite, risen, sum } from './far-site.ts';
import { forgeUp, upFrames, upNames } from './up-frames.ts';

const allBitsUpTo = 256;

function flipped(frame: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(frame);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

/** Every bit of a small frame; of a large one a bit of every byte, and every bit of the 32 bytes in the clear. */
function everyFlip(frame: Uint8Array): Uint8Array[] {
  return Array.from(frame).flatMap((_, at) => {
    const bits = frame.length <= allBitsUpTo || at < 32 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8];
    return bits.map((bit) => flipped(frame, at, bit));
  });
}

const header = ['frame.version', 'frame.suite', 'frame.kind', 'frame.flags'];
const envelope = [...header, 'key.unknown', 'sequence.limit', 'seal.open'];
/** The kinds that are no envelope, or of a length of their own: a flip can make the kind another of that port. */
const codesOf: Partial<Record<string, string[]>> = {
  HELLO: [...header, 'frame.length', 'join.open'],
  OFFER: [...header, 'frame.length', 'seal.open', 'key.unknown'],
  REFUSAL: [...header, 'frame.length', 'seal.open', 'key.unknown'],
};

describe('every byte of every envelope flipped is refused, and no state changed', () => {
  test.each(upNames)('of %s, at the master', async (name) => {
    using world = new PaperFleet();
    const genuine = upFrames[name](world);
    const forged = everyFlip(genuine.frame);
    const counts = await forgeUp(world, genuine, forged);
    expect(forged.length).toBeGreaterThanOrEqual(genuine.frame.length);
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(header.slice(0, 2)));
    expect([...(codesOf[name] ?? envelope), 'frame.length']).toEqual(expect.arrayContaining(Object.keys(counts)));
    // All that is sealed or names a key has one answer.
    expect((counts['seal.open'] ?? 0) + (counts['join.open'] ?? 0)).toBeGreaterThan(genuine.frame.length / 2);
  });

  test('of every kind that a master sends, at a node', async () => {
    await using site = await FarSite.start();
    for (const name of downNames) {
      let bytes = 0;
      const forge = (frame: Uint8Array) => {
        bytes = frame.length;
        return everyFlip(frame);
      };
      const { counts, sent } = await forgeDown(site, name, forge);
      expect({ name, refused: sum(counts) }).toEqual({ name, refused: sent });
      expect(sent).toBeGreaterThan(bytes);
      expect([...(codesOf[name] ?? envelope), 'frame.length']).toEqual(expect.arrayContaining(Object.keys(counts)));
      expect(counts['seal.open']).toBeGreaterThan(bytes / 2);
    }
  });

  test.each(['node', 'master'] as const)('of OTHER, as a %s says it', (role) => {
    const keys = { keyId: randomBytes(8), topic: randomBytes(16), nodeId: randomBytes(16), masterId: randomBytes(16) };
    const both: Omit<SessionKeys, 'role'> = { ...keys, up: randomBytes(32), down: randomBytes(32) };
    const [node, master] = (['node', 'master'] as const).map(
      (end) => new Session({ role: end, ...both }, systemEntropy, { other: true }),
    );
    const [from, to] = role === 'node' ? [node, master] : [master, node];
    if (from === undefined || to === undefined) throw new Error('two ends were expected');
    const message = { kind: 'other', body: Uint8Array.from(randomBytes(40)) } as const;
    const frame = from.seal(message);
    for (const one of everyFlip(frame)) expect(envelope).toContain(refusalOf(() => to.open(one)));
    expect(to.received).toBe(0);
    expect(to.open(frame)).toEqual(message);
  });
});

const one = (code: string, ...places: number[]) => places.map((at) => [code, at] as const);

/** One bit of each of these; which code each has to have is settled. */
function sample({ length: end }: Buffer): (readonly [code: string, at: number])[] {
  return [
    ...one('frame.version', 0),
    ...one('frame.suite', 1),
    ...one('frame.flags', 3),
    ...one('key.unknown', 4, 7, 11),
    ...one('sequence.limit', 12, 15),
    ...one('seal.open', 2, 19, 20, 25, 31, 32, 33, 40, 48, end - 17, end - 16, end - 9, end - 1),
  ];
}

test('over the wire, at a real master and a real node, each flip is counted under its reason and nothing else comes of it', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  const admin = await stack.signIn();
  let known: KnownRelay | undefined;
  await using relay = await FalseRelay.start(parseHop(await masterLine(admin)), async (line) => {
    known = await tellOf(admin, line);
  });
  if (known === undefined) throw new Error('the master was told of no relay');
  const node = stack.startNode('greenhouse', 0, { mq_invite_code: await inviteThrough(admin, known, 'greenhouse') });
  await admin.nodesWhen(([first]) => first?.sample !== null && first?.sample !== undefined);
  const codesThatCame = () => node.lines.flatMap((line) => (typeof line['code'] === 'string' ? [line['code']] : []));

  const before = await admin.refusals();
  let expected: string[] = [];
  relay.meddle = (carried) => {
    if (expected.length > 0 || carried.direction === 'down' || carried.frame[2] !== kinds.REPORT) return [carried];
    const places = sample(carried.frame);
    expected = places.map(([code]) => code);
    return [...places.map(([, at]) => ({ ...carried, frame: Buffer.from(flipped(carried.frame, at, 0)) })), carried];
  };
  await admin.watch(async () => (sum(risen(before, await admin.refusals())) >= 21 ? true : undefined));
  const rise = risen(before, await admin.refusals());
  expect(expected).toHaveLength(21);
  expect(rise).toEqual({
    'frame.version': 1,
    'frame.suite': 1,
    'frame.flags': 1,
    'key.unknown': 3,
    'sequence.limit': 2,
    'seal.open': 13,
  });

  const heard = codesThatCame().length;
  expected = [];
  relay.meddle = (carried) => {
    if (expected.length > 0 || carried.direction === 'up' || carried.frame[2] !== kinds.ACK) return [carried];
    const places = sample(carried.frame);
    expected = places.map(([code]) => code);
    return [...places.map(([, at]) => ({ ...carried, frame: Buffer.from(flipped(carried.frame, at, 0)) })), carried];
  };
  await expect.poll(() => codesThatCame().length - heard, { timeout: 10_000 }).toBe(21);
  expect(codesThatCame().slice(heard)).toEqual(expected);
  const seen = (await admin.nodes())[0]?.sample?.number ?? 0;
  await admin.nodesWhen(([first]) => (first?.sample?.number ?? 0) > seen + 1);
  const { id } = await admin.broadcast('after all of it');
  await admin.confirmed(id);
  expect(node.text).not.toContain('is lost');
});
