import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { encode } from '@sealcast/channel/cbor';
import { formatHop, parseHop } from '@sealcast/channel/hop-line';
import { formatInvite, parseInvite } from '@sealcast/channel/invite';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../twin/cbor.ts';
import { fuzz } from './fuzz.ts';
import { hostileBodies } from './hostile-cbor.ts';
import { hop, hopLines, invite, inviteLines } from './invites.ts';
import { carryOutText, plans } from './mutation.ts';
import { verdictOf } from './verdict.ts';

/** A line whose check is right, whatever its body, or off by `bent`. */
function lineOf(prefix: string, body: Uint8Array, bent = 0): string {
  const check = createHash('sha256').update(body).digest().subarray(0, 4);
  check[3] = (check[3] ?? 0) ^ bent;
  return prefix + Buffer.concat([body, check]).toString('base64url');
}

function linesNear(prefix: string, honest: string[], body: Value): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 2, arbitrary: plans.map((plan) => carryOutText(plan, [...honest, ...inviteLines, ...hopLines])) },
    { weight: 3, arbitrary: hostileBodies(fc.constant(body)).map((bytes) => lineOf(prefix, bytes)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }).map((text) => prefix + text) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((bent) => lineOf(prefix, encode(body), bent)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...honest)
        .chain((line) => fc.constantFrom(`${line}=`, `${line} `, ` ${line}`, line.replaceAll('_', '/'))),
    },
  );
}

it('any text is the one line of an invite, or is refused as none', async () => {
  const outcomes = await fuzz('invite line', () => ({
    inputs: linesNear('sealcast1:', inviteLines, invite),
    take(line) {
      let parsed: ReturnType<typeof parseInvite> | undefined;
      const verdict = verdictOf(() => (parsed = parseInvite(line)));
      if (parsed) assert.equal(formatInvite(parsed), line.trim());
      else assert.equal(verdict, 'invite.malformed');
      return verdict;
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'invite.malformed']));
});

it('any text is the one line of a hop, or is refused as none', async () => {
  const outcomes = await fuzz('hop line', () => ({
    inputs: linesNear('sealcast-hop1:', hopLines, hop),
    take(line) {
      let parsed: ReturnType<typeof parseHop> | undefined;
      const verdict = verdictOf(() => (parsed = parseHop(line)));
      if (parsed) assert.equal(formatHop(parsed), line.trim());
      else assert.equal(verdict, 'hop.malformed');
      return verdict;
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'hop.malformed']));
});

const z85Letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const z85Letter = fc.constantFrom(...Array.from(z85Letters));
const z85Faults = [
  /^z85: expected a multiple of 5 characters, got \d+$/,
  /^z85: expected characters of the Z85 alphabet, got another$/,
  /^z85: expected groups up to 2³²−1, got a larger one$/,
];
const z85Texts = fc.oneof(
  fc.uint8Array({ maxLength: 44 }).map((bytes) => encodeZ85(bytes.subarray(0, bytes.length & ~3))),
  fc.string({ unit: z85Letter, maxLength: 60 }),
  fc.tuple(z85Letter, z85Letter, z85Letter).map((last) => `%n${last.join('')}`),
  fc.string({ unit: 'binary', maxLength: 45 }),
  fc.string({ unit: 'binary-ascii', minLength: 5, maxLength: 5 }),
);

it('any text is the one Z85 of some bytes, or an error says which of three things it is not', async () => {
  const outcomes = await fuzz('Z85', () => ({
    inputs: z85Texts,
    take(text) {
      let bytes: Uint8Array;
      try {
        bytes = decodeZ85(text);
      } catch (error) {
        assert.ok(error instanceof Error && error.constructor === Error);
        const fault = z85Faults.findIndex((one) => one.test(error.message));
        assert.ok(fault >= 0, error.message);
        return `fault ${fault}`;
      }
      assert.equal(encodeZ85(bytes), text);
      return 'taken';
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'fault 0', 'fault 1', 'fault 2']));
});
