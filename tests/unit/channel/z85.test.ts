import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { fromHex } from './parties.ts';

describe('Z85', () => {
  it('writes the example of ZeroMQ RFC 32', () => {
    expect(encodeZ85(fromHex('864fd26fb559f75b'))).toBe('HelloWorld');
    expect(decodeZ85('HelloWorld')).toEqual(fromHex('864fd26fb559f75b'));
  });

  it('reads back what it wrote', () => {
    const bytes = fc
      .uint8Array({ maxLength: 10 })
      .map((quads) => Uint8Array.from([...quads].flatMap((b) => [b, 255 - b, b, 1])));
    fc.assert(
      fc.property(bytes, (value) => {
        expect(decodeZ85(encodeZ85(value))).toEqual(value);
      }),
    );
  });

  it('has one text for each value', () => {
    const letters = Array.from('0Az9.-:+=^!/*?&<>()[]{}@%$#');
    // A first letter before % keeps the value below 2³².
    const text = fc.tuple(
      fc.constantFrom(...letters.slice(0, -3)),
      fc.array(fc.constantFrom(...letters), { minLength: 4, maxLength: 4 }),
    );
    fc.assert(
      fc.property(text, ([first, rest]) => {
        const line = first + rest.join('');
        expect(encodeZ85(decodeZ85(line))).toBe(line);
      }),
    );
  });

  it('reads 2³²−1, and nothing above it', () => {
    expect(decodeZ85('%nSc0')).toEqual(fromHex('ffffffff'));
    expect(() => decodeZ85('%nSc1')).toThrow(/2³²−1/);
    expect(() => decodeZ85('#####')).toThrow(/2³²−1/);
  });

  it.each(['1234', '123456', 'abcd ', 'abcd"', 'äbcde', 'ab\ncd'])('refuses %j', (text) => {
    expect(() => decodeZ85(text)).toThrow(/^z85: /);
  });

  it('refuses bytes that are no multiple of 4', () => {
    expect(() => encodeZ85(new Uint8Array(5))).toThrow('z85: expected a multiple of 4 bytes, got 5');
  });
});
