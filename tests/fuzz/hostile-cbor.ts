// Bodies that a peer with the right keys could seal: near those that are valid, and far from them.
import { encode } from '@sealcast/channel/cbor';
import * as fc from 'fast-check';
import type { Value } from '../twin/cbor.ts';
import { cborValue } from '../vectors/arbitraries.ts';
import { encodeLaxly, type Laxness } from './lax-cbor.ts';
import { carryOut, plans } from './mutation.ts';

const odd: Value[] = [
  null,
  true,
  -1,
  0,
  1,
  1.5,
  -273.5,
  1e300,
  5e-324,
  2 ** 53 - 1,
  1 - 2 ** 53,
  3601,
  '',
  'x',
  'x'.repeat(65),
  'x'.repeat(257),
  'x'.repeat(4097),
  'ä'.repeat(33),
  '\u0000',
  'a\u0085b',
  '\ufeff',
  '../../etc/passwd',
  new Uint8Array(0),
  new Uint8Array(16),
  new Uint8Array(31),
  new Uint8Array(32),
  [],
  {},
  Array.from({ length: 65 }, (_, index) => index + 1),
  [2, 1],
  [[[[[[[[]]]]]]]],
  { type: 'text', text: '' },
  { type: 'none' },
  JSON.parse('{"__proto__":{"type":"text"},"constructor":1}') as Value,
];

interface Twist {
  /** Which value of the tree, counted from its root. */
  at: number;
  how: 'replace' | 'leave out' | 'add' | 'twice';
  value: Value;
}

const twist: fc.Arbitrary<Twist> = fc.record({
  at: fc.nat(60),
  how: fc.constantFrom('replace', 'replace', 'leave out', 'add', 'twice'),
  value: fc.oneof(fc.constantFrom(...odd), cborValue),
});

/** One head of CBOR (RFC 8949 §3), with what follows it or not. */
const token = fc
  .record({
    major: fc.nat(7),
    info: fc.oneof(fc.nat(31), fc.constantFrom(0, 1, 24, 25, 26, 27, 31)),
    argument: fc.oneof(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.constantFrom(Buffer.alloc(8), Buffer.alloc(8, 255)),
    ),
    content: fc.uint8Array({ maxLength: 6 }),
  })
  .map(({ major, info, argument, content }) => {
    const width = info >= 24 && info <= 27 ? 2 ** (info - 24) : 0;
    return Buffer.concat([Buffer.of((major << 5) | info), argument.subarray(8 - width), content]);
  });

/** Any bytes, some of them CBOR of hostile shapes. */
const hostileBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(token, { maxLength: 30 }).map((tokens) => Buffer.concat(tokens)),
  fc
    .record({ head: fc.constantFrom(0x81, 0xa1, 0x9f, 0xbf, 0xc1, 0xd8), depth: fc.nat(3000) })
    .map(({ head, depth }) => Buffer.alloc(depth, head)),
);

const laxness: fc.Arbitrary<Laxness> = fc.record({
  at: fc.nat(12),
  how: fc.constantFrom('longer head', 'indefinite', 'other order', 'double', 'tagged'),
});

/** @param valid values that a receiver takes */
export function hostileBodies(valid: fc.Arbitrary<Value>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 1, arbitrary: valid.map(encode) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(valid, fc.array(twist, { minLength: 1, maxLength: 2 }))
        .map(([value, twists]) => encodedOrNot(twists.reduce(twisted, value))),
    },
    { weight: 3, arbitrary: fc.tuple(valid, plans).map(([value, plan]) => carryOut(plan, [encode(value)])) },
    { weight: 2, arbitrary: fc.tuple(valid, laxness).map(([value, lax]) => encodeLaxly(value, lax) ?? encode(value)) },
    { weight: 1, arbitrary: hostileBytes },
  );
}

/** What has no encoding, as something too deep, becomes bytes that are none. */
function encodedOrNot(value: Value): Uint8Array {
  try {
    return encode(value);
  } catch {
    return Buffer.alloc(12, 0x81);
  }
}

function twisted(value: Value, { at, how, value: other }: Twist): Value {
  let left = at % (sizeOf(value) || 1);
  const walk = (part: Value): Value => {
    if (left-- === 0) return how === 'replace' ? other : grown(part, how, other);
    if (Array.isArray(part)) return part.map(walk);
    if (!isRecord(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value);
}

/** A list or map that has one thing more or less; of another value, the other one. */
function grown(part: Value, how: Twist['how'], other: Value): Value {
  if (Array.isArray(part))
    return how === 'leave out' ? part.slice(1) : [...part, how === 'twice' ? (part[0] ?? other) : other];
  if (!isRecord(part)) return other;
  const entries = Object.entries(part);
  if (how === 'leave out') return Object.fromEntries(entries.slice(1));
  return Object.fromEntries([...entries, how === 'twice' ? [`${entries[0]?.[0]}2`, other] : ['more', other]]);
}

function isRecord(value: Value): value is { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function sizeOf(value: Value): number {
  const parts = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return parts.reduce((sum: number, part) => sum + sizeOf(part), 1);
}
