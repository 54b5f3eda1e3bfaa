// Encodings that are well-formed CBOR (RFC 8949) and not the one of their value: what a decoder could be too kind to.
import type { Value } from '../twin/cbor.ts';

/** Where and how the value is written otherwise; each where it applies. */
export interface Laxness {
  /** Which item, counted from the first. */
  at: number;
  how: 'longer head' | 'indefinite' | 'other order' | 'double' | 'tagged';
}

const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6 };
const headBytes = [24, 25, 26, 27];

/** @returns undefined where the laxness does not apply to its item */
export function encodeLaxly(value: Value, { at, how }: Laxness): Buffer | undefined {
  let item = 0;
  let applied = false;
  const apply = (one: Laxness['how'], here: boolean) => {
    if (!here || how !== one) return false;
    applied = true;
    return true;
  };
  const write = (part: Value): Buffer => {
    const here = item++ === at;
    if (apply('tagged', here)) return Buffer.concat([head(major.tag, 1, false), plain(part, false)]);
    return plain(part, here);
  };
  const plain = (part: Value, here: boolean): Buffer => {
    if (part === null) return Buffer.of(0xf6);
    if (typeof part === 'boolean') return Buffer.of(part ? 0xf5 : 0xf4);
    if (typeof part === 'number') return number(part, apply('double', here), apply('longer head', here));
    const longer = apply('longer head', here);
    if (typeof part === 'string') return sized(major.text, Buffer.from(part), longer, apply('indefinite', here));
    if (part instanceof Uint8Array) return sized(major.bytes, part, longer, apply('indefinite', here));
    const isList = Array.isArray(part);
    const entries = Object.entries(part).map(([key, inner]) =>
      isList ? write(inner) : Buffer.concat([plain(key, false), write(inner)]),
    );
    const count = Array.isArray(part) ? part.length : entries.length;
    if (!isList && entries.length > 1)
      entries.sort((a, b) => (a.length - b.length || a.compare(b)) * (apply('other order', here) ? -1 : 1));
    const kind = isList ? major.array : major.map;
    if (apply('indefinite', here)) return Buffer.concat([Buffer.of((kind << 5) | 31), ...entries, Buffer.of(0xff)]);
    return Buffer.concat([head(kind, count, longer), ...entries]);
  };
  const encoded = write(value);
  return applied ? encoded : undefined;
}

function sized(kind: number, content: Uint8Array, longer: boolean, indefinite: boolean): Buffer {
  const whole = Buffer.concat([head(kind, content.length, longer), content]);
  return indefinite ? Buffer.concat([Buffer.of((kind << 5) | 31), whole, Buffer.of(0xff)]) : whole;
}

function number(value: number, double: boolean, longer: boolean): Buffer {
  if (Number.isSafeInteger(value) && !double) {
    return value < 0 ? head(major.negative, -1 - value, longer) : head(major.unsigned, value, longer);
  }
  const bytes = Buffer.alloc(9, 0xfb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(kind: number, argument: number, longer: boolean): Buffer {
  const shortest = argument < 24 ? -1 : argument < 0x100 ? 0 : argument < 0x1_0000 ? 1 : argument < 2 ** 32 ? 2 : 3;
  const width = Math.min(shortest + (longer ? 1 : 0), 3);
  if (width < 0) return Buffer.of((kind << 5) | argument);
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(BigInt(argument), 1);
  return Buffer.concat([Buffer.of((kind << 5) | headBytes[width]!), bytes.subarray(9 - 2 ** width)]);
}
