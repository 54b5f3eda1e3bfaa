import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { decode, encode } from '@sealcast/channel/cbor';
import { fromHex, hex, refusalOf } from './parties.ts';

// RFC 8949, Appendix A, and the edges of each width.
const examples: [unknown, string][] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [255, '18ff'],
  [256, '190100'],
  [65_535, '19ffff'],
  [65_536, '1a00010000'],
  [4_294_967_295, '1affffffff'],
  [4_294_967_296, '1b0000000100000000'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [-1, '20'],
  [-1000, '3903e7'],
  [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
  [1.5, 'f93e00'],
  [5.960464477539063e-8, 'f90001'],
  [0.00006103515625, 'f90400'],
  [-4.1, 'fbc010666666666666'],
  [1.1, 'fb3ff199999999999a'],
  [1e-300, 'fb01a56e1fc2f8f359'],
  [0.100000001490116119384765625, 'fa3dcccccd'],
  [1.401298464324817e-45, 'fa00000001'],
  [5e-324, 'fb0000000000000001'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [new Uint8Array(0), '40'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['ü', '62c3bc'],
  ['水', '63e6b0b4'],
  ['𐅑', '64f0908591'],
  ['﻿mark', '67efbbbf6d61726b'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [{ b: 1, aa: 2, a: 3 }, 'a361610361620162616102'],
];

const refused: [string, string][] = [
  ['nothing', ''],
  ['an integer longer than it need be', '1817'],
  ['an integer in two bytes that fits one', '1900ff'],
  ['an integer in eight bytes that fits four', '1b00000000ffffffff'],
  ['an integer above 2⁵³−1', '1b0020000000000000'],
  ['a negative integer below −(2⁵³−1)', '3b001fffffffffffff'],
  ['a length longer than it need be', '580101'],
  ['a float that is an integer', 'f93c00'],
  ['a float that is zero', 'f90000'],
  ['a float that is a large integer', 'fb4340000000000000'],
  ['a float of 32 bits that fits 16', 'fa3fc00000'],
  ['a float of 64 bits that fits 32', 'fb3ff8000000000000'],
  ['negative zero', 'f98000'],
  ['NaN', 'f97e00'],
  ['infinity', 'f97c00'],
  ['negative infinity', 'f9fc00'],
  ['undefined', 'f7'],
  ['a simple value', 'f0'],
  ['a simple value of two bytes', 'f8ff'],
  ['a tag', 'c11a514b67b0'],
  ['a bignum', 'c249010000000000000000'],
  ['an indefinite array', '9f01ff'],
  ['an indefinite map', 'bf616101ff'],
  ['an indefinite text', '7f6161ff'],
  ['an indefinite byte string', '5f4101ff'],
  ['a break', 'ff'],
  ['a reserved length', '1c'],
  ['keys out of order', 'a2616201616102'],
  ['a longer key first', 'a262616101616202'],
  ['a key that stands twice', 'a2616101616102'],
  ['a key that is a number', 'a10102'],
  ['a key that is bytes', 'a1416102'],
  ['text that is not UTF-8', '61ff'],
  ['text with half a surrogate pair', '63eda080'],
  ['text in an overlong form', '62c1a1'],
  ['text that is cut', '6261'],
  ['an array that is cut', '8201'],
  ['a map without its last value', 'a16161'],
  ['an array of 2³²−1 that is not there', '9affffffff'],
  ['a map of 2⁵³ that is not there', 'bb0020000000000000'],
  ['a text of 4 GB that is not there', '7affffffff'],
  ['a byte after the end', '0000'],
];

describe('CBOR', () => {
  it.each(examples)('writes %j as %s, and reads it back', (value, encoded) => {
    expect(hex(encode(value))).toBe(encoded);
    expect(decode(fromHex(encoded))).toEqual(value);
  });

  it.each(refused)('refuses %s', (_, encoded) => {
    expect(refusalOf(() => decode(fromHex(encoded)))).toBe('payload.encoding');
  });

  it.each<[string, unknown]>([
    ['negative zero', -0],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an integer above 2⁵³−1', 2 ** 53],
    ['a bigint', 1n],
    ['undefined', undefined],
    ['undefined as a value', { a: undefined }],
    ['a hole', Array.from({ length: 1 })],
    ['a Map', new Map([['a', 1]])],
    ['a Date', new Date(0)],
    ['another typed array', new Uint16Array(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['half a surrogate pair', '\ud800'],
    ['half a surrogate pair as a key', { '\udc00': 1 }],
  ])('has no encoding for %s', (_, value) => {
    expect(() => encode(value)).toThrow(/^cbor: /);
  });

  it('keeps a key that is the name of a prototype as a key', () => {
    const value: unknown = decode(fromHex('a1695f5f70726f746f5f5fa0'));
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(hex(encode(value))).toBe('a1695f5f70726f746f5f5fa0');
  });

  it('gives byte strings that share no memory with what was read', () => {
    const read = Buffer.from('8141ff', 'hex');
    const value = decode(read);
    read.fill(0);
    expect(value).toEqual([Uint8Array.of(0xff)]);
  });

  it('takes 8 arrays inside one another, and refuses 9', () => {
    const eight = `${'81'.repeat(7)}80`;
    expect(hex(encode(decode(fromHex(eight))))).toBe(eight);
    expect(refusalOf(() => decode(fromHex(`81${eight}`)))).toBe('payload.encoding');
    expect(() => encode([decode(fromHex(eight))])).toThrow('cbor: deeper than 8');
  });

  it('counts maps as it counts arrays, and not what stands side by side', () => {
    const eight = `${'a16161'.repeat(7)}a0`;
    expect(hex(encode(decode(fromHex(eight))))).toBe(eight);
    expect(refusalOf(() => decode(fromHex(`a16161${eight}`)))).toBe('payload.encoding');
    const wide = `98${(200).toString(16)}${'8180'.repeat(200)}`;
    expect(hex(encode(decode(fromHex(wide))))).toBe(wide);
  });

  it('refuses 60,000 arrays inside one another without running out of stack', () => {
    expect(refusalOf(() => decode(new Uint8Array(60_000).fill(0x81)))).toBe('payload.encoding');
    let deep: unknown = [];
    for (let depth = 0; depth < 60_000; depth++) deep = [deep];
    expect(() => encode(deep)).toThrow('cbor: deeper than 8');
  });

  it('reads back everything that it writes', () => {
    const number = fc.oneof(
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Number.isInteger(x)),
      fc.float({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Number.isInteger(x)),
    );
    const leaf = fc.oneof(number, fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null), fc.uint8Array());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 5 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('tree'), { maxKeys: 5, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const encoded = encode(value);
        expect(decode(encoded)).toEqual(value);
        expect(hex(encode(decode(encoded)))).toBe(hex(encoded));
      }),
      { numRuns: 100 },
    );
  });

  it('writes each float in the fewest bytes that hold it', () => {
    const view = new DataView(new ArrayBuffer(8));
    const float = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 0, max: 0xffff }).map((bits) => {
        view.setUint16(0, bits);
        return view.getFloat16(0);
      }),
    );
    fc.assert(
      fc.property(
        float.filter((x) => Number.isFinite(x) && !Number.isInteger(x)),
        (value) => {
          const width = Math.f16round(value) === value ? 2 : Math.fround(value) === value ? 4 : 8;
          expect(encode(value)).toHaveLength(1 + width);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes of arbitrary bytes only those that it would write', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(bytes, (arbitrary) => {
        let value: unknown;
        try {
          value = decode(arbitrary);
        } catch {
          return;
        }
        expect(hex(encode(value))).toBe(hex(arbitrary));
      }),
      { numRuns: 2000 },
    );
  });
});
