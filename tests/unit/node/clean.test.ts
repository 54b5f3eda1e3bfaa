import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { load, percent, rate, tenth, whole } from '../../../services/node/src/harvest/bounds.ts';
import { cleanLine, cleanName, cleanPath } from '../../../services/node/src/harvest/clean.ts';

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('\0', '\n', '\u0085', ' ', '\ud800', 'é', '😀'), fc.string({ maxLength: 1 })),
  maxLength: 400,
});

test('text is within its limits whatever a machine says', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const [clean, min, max] of [
        [cleanName, 1, 64],
        [cleanLine, 0, 256],
        [cleanPath, 1, 256],
      ] as const) {
        const cleaned = clean(text);
        expect(cleaned.isWellFormed()).toBe(true);
        expect(cleaned).not.toMatch(/\p{Cc}/u);
        expect(Buffer.byteLength(cleaned)).toBeGreaterThanOrEqual(min);
        expect(Buffer.byteLength(cleaned)).toBeLessThanOrEqual(max);
        expect(clean(cleaned)).toBe(cleaned);
      }
    }),
  );
});

test('text is cut between characters, and not in one', () => {
  expect(cleanName(`${'a'.repeat(63)}é`)).toBe('a'.repeat(63));
  expect(cleanName(`${'a'.repeat(62)}é`)).toBe(`${'a'.repeat(62)}é`);
  expect(cleanName('😀'.repeat(20))).toBe('😀'.repeat(16));
  expect(cleanName(`${'a'.repeat(63)} b`)).toBe('a'.repeat(63));
});

test('control characters part words, and are left out of a path', () => {
  expect(cleanLine(' Samsung\t\0 SSD  \n')).toBe('Samsung SSD');
  expect(cleanPath('/media/a  b\n')).toBe('/media/a  b');
});

test('a name that is empty is unknown, a line that is empty is empty', () => {
  expect([cleanName(' \n'), cleanPath(''), cleanLine('\0')]).toEqual(['unknown', 'unknown', '']);
});

test('numbers are within their limits and have an encoding, whatever is measured', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      for (const [bound, max] of [
        [whole, Number.MAX_SAFE_INTEGER],
        [percent, 100],
        [rate, 1e15],
        [load, 1e15],
      ] as const) {
        const bounded = bound(value);
        expect(bounded).toBeGreaterThanOrEqual(0);
        expect(bounded).toBeLessThanOrEqual(max);
        expect(Object.is(bounded, -0)).toBe(false);
      }
    }),
  );
});

test('numbers are as fine as they are true', () => {
  expect([percent(0.12345), rate(10.6), load(0.256), tenth(48.199), whole(7.9)]).toEqual([12.3, 11, 0.26, 48.2, 7]);
  expect(Object.is(tenth(-0.04), 0)).toBe(true);
});
