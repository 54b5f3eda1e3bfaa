import { decode as decodeCbor, encode as encodeCbor, rfc8949EncodeOptions, Tokenizer, Type, type Token } from 'cborg';
import { sameBytes } from './bytes.ts';
import { cborDepth } from './constants.ts';
import { Refusal } from './errors.ts';

const strict = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: false,
  rejectDuplicateMapKeys: true,
  retainStringBytes: true,
};
/** The decoder's own drops U+FEFF at the start of a text, which is a character like any other. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const markStart = 0xef;

/**
 * CBOR in the core deterministic encoding (RFC 8949 §4.2.1; PROTOCOL.md, Payloads).
 * @param value numbers (integers within ±(2⁵³−1)), well-formed text, booleans, null, Uint8Array, arrays and plain objects,
 * at most `cborDepth` deep
 * @throws Error at anything else
 */
export function encode(value: unknown): Uint8Array {
  requireEncodable(value, 0);
  return encodeCbor(value, rfc8949EncodeOptions);
}

/**
 * @returns what the bytes encode: they are `encode()` of it
 * @throws Refusal `payload.encoding`
 */
export function decode(bytes: Uint8Array): unknown {
  try {
    const value: unknown = decodeCbor(bytes, { ...strict, tokenizer: new ShallowTokenizer(bytes, strict) });
    if (sameBytes(encode(value), bytes)) return value;
  } catch {
    // The cause may quote what the peer wrote.
  }
  throw new Refusal('payload.encoding');
}

/** Stops at `cborDepth`, before the decoder recurses into what a hostile peer nested. */
class ShallowTokenizer extends Tokenizer {
  /** How many items each open array or map still waits for, outermost first. */
  readonly #open: number[] = [];

  override next(): Token {
    const token = super.next();
    while (this.#open.at(-1) === 0) this.#open.pop();
    const depth = this.#open.length;
    if (depth > 0) this.#open[depth - 1] = (this.#open[depth - 1] ?? 0) - 1;
    if (token.type === Type.string && token.byteValue?.[0] === markStart) token.value = utf8.decode(token.byteValue);
    if (token.type === Type.array || token.type === Type.map) {
      if (depth === cborDepth) throw new Error('cbor: too deep');
      this.#open.push(Number(token.value) * (token.type === Type.map ? 2 : 1));
    }
    return token;
  }
}

function requireEncodable(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return;
  if (typeof value === 'number') requireNumber(value);
  else if (typeof value === 'string') requireText(value);
  else if (typeof value === 'object') requireContainer(value, depth + 1);
  else throw new Error(`cbor: ${typeof value} has no encoding`);
}

function requireNumber(value: number): void {
  if (!Number.isFinite(value) || Object.is(value, -0)) throw new Error(`cbor: ${value || '-0 or NaN'} has no encoding`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new Error('cbor: an integer beyond ±(2⁵³−1)');
}

function requireText(value: string): void {
  if (!value.isWellFormed()) throw new Error('cbor: text with half a surrogate pair');
}

function requireContainer(value: object, depth: number): void {
  if (depth > cborDepth) throw new Error(`cbor: deeper than ${cborDepth}`);
  if (Array.isArray(value)) {
    for (const item of value) requireEncodable(item, depth);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new Error('cbor: an object that is not plain');
  for (const [key, item] of Object.entries(value)) {
    requireText(key);
    requireEncodable(item, depth);
  }
}
