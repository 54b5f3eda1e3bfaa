// PROTOCOL.md, Payloads: CBOR in the core deterministic encoding (RFC 8949 §4.2.1), and nothing else.
import { fromBigInt, join, same, toBigInt, toHex, u8 } from './bytes.ts';
import { refuse, refuseUnless } from './refused.ts';

export type Value = number | string | boolean | null | Uint8Array | Value[] | { [key: string]: Value };

const cborDepth = 8;
const encoding = 'payload.encoding';

export function encode(value: Value): Uint8Array {
  if (value === false) return u8(0xf4);
  if (value === true) return u8(0xf5);
  if (value === null) return u8(0xf6);
  if (typeof value === 'number') return Number.isInteger(value) ? encodeInteger(value) : encodeFloat(value);
  if (typeof value === 'string') {
    const utf8 = new TextEncoder().encode(value);
    return join(head(3, utf8.length), utf8);
  }
  if (value instanceof Uint8Array) return join(head(2, value.length), value);
  if (Array.isArray(value)) return join(head(4, value.length), ...value.map(encode));
  const entries = Object.entries(value).map(([key, inner]) => ({ key: encode(key), value: encode(inner) }));
  entries.sort((a, b) => (toHex(a.key) < toHex(b.key) ? -1 : 1));
  return join(head(5, entries.length), ...entries.flatMap((entry) => [entry.key, entry.value]));
}

/** The first byte, of major type and argument, and the argument in the fewest bytes that hold it. */
function head(major: number, argument: number): Uint8Array {
  const top = major << 5;
  if (argument < 24) return u8(top | argument);
  if (argument < 2 ** 8) return join(u8(top | 24), fromBigInt(BigInt(argument), 1));
  if (argument < 2 ** 16) return join(u8(top | 25), fromBigInt(BigInt(argument), 2));
  if (argument < 2 ** 32) return join(u8(top | 26), fromBigInt(BigInt(argument), 4));
  return join(u8(top | 27), fromBigInt(BigInt(argument), 8));
}

function encodeInteger(value: number): Uint8Array {
  refuseUnless(Number.isSafeInteger(value), encoding);
  return value >= 0 ? head(0, value) : head(1, -1 - value);
}

function encodeFloat(value: number): Uint8Array {
  refuseUnless(Number.isFinite(value), encoding);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat16(0, value);
  if (view.getFloat16(0) === value) return join(u8(0xf9), bytesOf(view, 2));
  view.setFloat32(0, value);
  if (view.getFloat32(0) === value) return join(u8(0xfa), bytesOf(view, 4));
  view.setFloat64(0, value);
  return join(u8(0xfb), bytesOf(view, 8));
}

function bytesOf(view: DataView, length: number): Uint8Array {
  return new Uint8Array(view.buffer, 0, length);
}

/** Reads loosely, and refuses what is not the one encoding of what it read. Maps come without a prototype. */
export function decode(bytes: Uint8Array): Value {
  const { value, rest } = read(bytes, cborDepth);
  refuseUnless(rest.length === 0 && same(encode(value), bytes), encoding);
  return value;
}

interface Read {
  value: Value;
  rest: Uint8Array;
}

function read(bytes: Uint8Array, depth: number): Read {
  const first = bytes[0] ?? refuse(encoding);
  const [major, info] = [first >> 5, first & 31];
  if (major === 7) return readSimple(info, bytes.subarray(1));
  const argument = readArgument(info, bytes.subarray(1));
  const { number, rest } = argument;
  if (major === 0) return { value: number, rest };
  if (major === 1) return { value: -1 - number, rest };
  if (major === 2 || major === 3) {
    refuseUnless(number <= rest.length, encoding);
    const content = rest.slice(0, number);
    return { value: major === 2 ? content : readText(content), rest: rest.subarray(number) };
  }
  refuseUnless(major === 4 || major === 5, encoding); // 6 is a tag
  refuseUnless(depth > 0 && number <= rest.length, encoding);
  return major === 4 ? readArray(number, rest, depth - 1) : readMap(number, rest, depth - 1);
}

function readArgument(info: number, bytes: Uint8Array): { number: number; rest: Uint8Array } {
  if (info < 24) return { number: info, rest: bytes };
  const length = [1, 2, 4, 8][info - 24] ?? refuse(encoding); // 28 to 30 are reserved, 31 is an indefinite length
  refuseUnless(length <= bytes.length, encoding);
  const number = toBigInt(bytes.subarray(0, length));
  refuseUnless(number <= BigInt(Number.MAX_SAFE_INTEGER), encoding);
  return { number: Number(number), rest: bytes.subarray(length) };
}

function readSimple(info: number, rest: Uint8Array): Read {
  if (info === 20) return { value: false, rest };
  if (info === 21) return { value: true, rest };
  if (info === 22) return { value: null, rest };
  const length = { 25: 2, 26: 4, 27: 8 }[info] ?? refuse(encoding);
  refuseUnless(length <= rest.length, encoding);
  const view = new DataView(rest.slice(0, length).buffer);
  const value = length === 2 ? view.getFloat16(0) : length === 4 ? view.getFloat32(0) : view.getFloat64(0);
  return { value, rest: rest.subarray(length) };
}

function readText(utf8: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8);
  } catch {
    return refuse(encoding);
  }
}

function readArray(length: number, bytes: Uint8Array, depth: number): Read {
  const value: Value[] = [];
  let rest = bytes;
  for (let index = 0; index < length; index++) {
    const item = read(rest, depth);
    value.push(item.value);
    rest = item.rest;
  }
  return { value, rest };
}

function readMap(length: number, bytes: Uint8Array, depth: number): Read {
  const value: { [key: string]: Value } = Object.create(null);
  let rest = bytes;
  for (let index = 0; index < length; index++) {
    const key = read(rest, depth);
    refuseUnless(typeof key.value === 'string' && !(key.value in value), encoding);
    const item = read(key.rest, depth);
    value[key.value] = item.value;
    rest = item.rest;
  }
  return { value, rest };
}
