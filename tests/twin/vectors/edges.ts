// What each type of the CDDL takes at its edges, and what is beyond them.
import { join, zero } from '../bytes.ts';
import type { Value } from '../cbor.ts';

/** What each type of the CDDL takes and does not take, beside the largest and smallest. */
export interface Edges {
  good: [name: string, value: Value][];
  bad: [name: string, value: Value][];
}

const max = 9_007_199_254_740_991;
const named = (...values: number[]): [string, Value][] => values.map((value) => [String(value), value]);
export const ascii = (length: number) => 'x'.repeat(length);
export const wrongTypes: [string, Value][] = [
  ['null', null],
  ['an empty array', []],
];
const controls: [string, Value][] = ['\u0000', '\u001f', '\u007f', '\u0080', '\u009f'].map((letter) => [
  `text with U+00${letter.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  `a${letter}b`,
]);
const lineBreaks: [string, Value][] = [
  ['text with a line feed', 'a\nb'],
  ['text with a tab', 'a\tb'],
];

function texts(min: number, most: number): Edges {
  const empty: [string, Value] = ['empty text', ''];
  return {
    good: [
      [`text of ${most} bytes`, ascii(most)],
      [`${most / 2} letters of two bytes each`, 'ü'.repeat(most / 2)],
      ['text of one byte', ' '],
      ...(min === 0 ? [empty] : []),
    ],
    bad: [
      [`text of ${most + 1} bytes`, ascii(most + 1)],
      [`${most / 2 + 1} letters of two bytes each`, 'ü'.repeat(most / 2 + 1)],
      ...(min === 0 ? [] : [empty]),
      ['bytes', join(new TextEncoder().encode('abc'))],
      ['an integer', 1],
    ],
  };
}

function bytes(length: number): Edges {
  return {
    good: [['zeros', zero(length)]],
    bad: [
      ['one byte fewer', zero(length - 1)],
      ['one byte more', zero(length + 1)],
      ['text', ascii(length)],
    ],
  };
}

const integers: [string, Value][] = [
  ['a fraction', 1.5],
  ['text', '1'],
  ['true', true],
];

export const types = {
  uint53: { good: named(0, max), bad: [...named(-1), ...integers] },
  count: { good: named(1, max), bad: [...named(0, -1), ...integers] },
  seconds: { good: named(1, 3600), bad: [...named(0, 3601), ...integers] },
  percent: { good: named(0, 100, 0.1), bad: [...named(-0.5, -1, 100.5, 101), ['text', '1']] },
  rate: { good: named(0, 1e15, 0.1), bad: [...named(-0.5, -1, 1_000_000_000_000_001), ['text', '1']] },
  celsius: { good: named(-273, 1000, -0.5), bad: [...named(-273.5, -274, 1000.5, 1001), ['text', '1']] },
  name: texts(1, 64),
  line: texts(0, 256),
  path: texts(1, 256),
  text: texts(1, 4096),
  id: bytes(16),
  key: bytes(32),
  signature: bytes(64),
  rsa: {
    good: [
      ['256 bytes', zero(256)],
      ['300 bytes', zero(300)],
    ],
    bad: [
      ['255 bytes', zero(255)],
      ['301 bytes', zero(301)],
      ['text', ascii(256)],
    ],
  },
} satisfies Record<string, Edges>;

/** Types of which one member each has all control characters tried on it. */
export const controlled: Partial<Record<keyof typeof types, Edges>> = {
  name: { good: [['a byte order mark and other letters', '\ufeff水𐅑']], bad: [...controls, ...lineBreaks] },
  line: { good: [], bad: [...controls, ...lineBreaks] },
  path: { good: [], bad: [...controls, ...lineBreaks] },
  text: { good: lineBreaks, bad: [...controls, ['text with a carriage return', 'a\rb']] },
};
