import { decode as decodeLoosely, Tokenizer, Type, type Token } from 'cborg';
import { sameBytes } from './bytes.ts';
import { CborWriter } from './cbor-writer.ts';
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
  const writer = new CborWriter();
  writer.write(value);
  return writer.bytes();
}

/**
 * @returns what the bytes encode, sharing no memory with them: they are `encode()` of it
 * @throws Refusal `payload.encoding`
 */
export function decode(bytes: Uint8Array): unknown {
  try {
    // Of a Buffer the decoder would hand out views instead of copies.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    const value: unknown = decodeLoosely(plain, { ...strict, tokenizer: new ShallowTokenizer(plain, strict) });
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
