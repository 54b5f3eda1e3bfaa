// The attacker is a middle who guesses: a tag of 4 bytes would be right once in 2³² tries, one of 16 never. So he sends frames whose
// tag is short, and hopes for a receiver that looks at no more than what is there.
import crypto from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PaperFleet } from '../../unit/master/fleet/paper-fleet.ts';
import { downNames, forgeDown } from './down-frames.ts';
import { FarSite, sum } from './far-site.ts';
import { forgeUp, upFrames, upNames } from './up-frames.ts';

const tagBytes = 16;
const shortTags = [4, 12] as const;
const forgedOfEach = 16;

/** The frame with a part of its tag alone, and with something else where the rest was. */
function shortened(frame: Uint8Array): Uint8Array[] {
  const [body, tag] = [frame.subarray(0, frame.length - tagBytes), frame.subarray(frame.length - tagBytes)];
  return shortTags.flatMap((length) => {
    const [first, last, rest] = [tag.subarray(0, length), tag.subarray(tagBytes - length), tagBytes - length];
    const tags = [
      first,
      last,
      Buffer.concat([first, Buffer.alloc(rest)]),
      Buffer.concat([first, Buffer.alloc(rest, 0xff)]),
      Buffer.concat([first, crypto.randomBytes(rest)]),
      Buffer.concat([Buffer.alloc(rest), first]),
      Buffer.concat([Buffer.alloc(rest), last]),
      Buffer.concat([first, first, first, first]).subarray(0, tagBytes),
    ];
    return tags.map((one) => Buffer.concat([body, one]));
  });
}

/** Lengths of all tags that OpenSSL was given to verify. */
const verified = new Set<number>();

beforeEach(() => {
  verified.clear();
  const prototype: Pick<crypto.DecipherGCM, 'setAuthTag'> = Object.getPrototypeOf(
    crypto.createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12), { authTagLength: tagBytes }),
  );
  const { setAuthTag } = prototype;
  vi.spyOn(prototype, 'setAuthTag').mockImplementation(function (this: crypto.DecipherGCM, tag) {
    verified.add(Buffer.from(tag as Uint8Array).length);
    return setAuthTag.call(this, tag as Uint8Array);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const refusals = ['frame.length', 'join.open', 'seal.open'];

describe('a tag of 4 or 12 bytes, alone or padded, is refused and changes nothing, and no short tag is verified', () => {
  test.each(upNames)('under %s, at the master', async (name) => {
    using world = new PaperFleet();
    const genuine = upFrames[name](world);
    const counts = await forgeUp(world, genuine, shortened(genuine.frame));
    expect(sum(counts)).toBe(forgedOfEach);
    expect(refusals).toEqual(expect.arrayContaining(Object.keys(counts)));
    expect([...verified]).toEqual([tagBytes]);
  });

  test('under every kind that a master sends, at a node', async () => {
    await using site = await FarSite.start();
    for (const name of downNames) {
      const { counts, sent } = await forgeDown(site, name, shortened);
      expect({ name, sent }).toEqual({ name, sent: forgedOfEach });
      expect(refusals).toEqual(expect.arrayContaining(Object.keys(counts)));
    }
    expect([...verified]).toEqual([tagBytes]);
  });
});

test.each(shortTags)('Node itself opens nothing with a tag of %i bytes', (length) => {
  const opening = crypto.createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12), {
    authTagLength: tagBytes,
  });
  expect(() => opening.setAuthTag(Buffer.alloc(length))).toThrow('Invalid authentication tag length');
});
