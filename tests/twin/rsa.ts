// RSA-2048-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017 §7.1), and the two DER forms of a key.
import { fromBigInt, fromHex, join, same, text, toBigInt, u8, zero } from './bytes.ts';
import { sha256 } from './primitives.ts';

export interface RsaPublic {
  n: bigint;
  e: bigint;
}

export interface RsaPrivate extends RsaPublic {
  d: bigint;
  p: bigint;
  q: bigint;
}

const modulusBytes = 256;
const hashBytes = 32;
const oaepLabel = text('sealcast/1');

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulus, ((value % modulus) + modulus) % modulus, 0n, 1n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

export function rsaFromPrimes(p: bigint, q: bigint): RsaPrivate {
  const e = 65537n;
  return { n: p * q, e, d: inverse(e, (p - 1n) * (q - 1n)), p, q };
}

/** c = mᵉ mod n, as 256 bytes; what OAEP and every wrong padding of a test end with. */
export function rsaRaw({ n, e }: RsaPublic, encoded: Uint8Array): Uint8Array {
  return fromBigInt(power(toBigInt(encoded), e, n), modulusBytes);
}

/** RFC 8017 B.2.1. */
function mgf1(seed: Uint8Array, length: number): Uint8Array {
  let mask = zero(0);
  for (let counter = 0; mask.length < length; counter++) {
    mask = join(mask, sha256(seed, fromBigInt(BigInt(counter), 4)));
  }
  return mask.subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}

/** RFC 8017 §7.1.1 with the given seed, 32 bytes. */
export function oaepEncrypt(
  key: RsaPublic,
  message: Uint8Array,
  seed: Uint8Array,
  label: Uint8Array = oaepLabel,
): Uint8Array {
  const padding = zero(modulusBytes - message.length - 2 * hashBytes - 2);
  const block = join(sha256(label), padding, u8(1), message);
  const maskedBlock = xor(block, mgf1(seed, block.length));
  const maskedSeed = xor(seed, mgf1(maskedBlock, hashBytes));
  return rsaRaw(key, join(u8(0), maskedSeed, maskedBlock));
}

/** RFC 8017 §7.1.2. undefined where it does not open. This one is not constant in time: it is a twin, and guards nothing. */
export function oaepDecrypt(key: RsaPrivate, ciphertext: Uint8Array): Uint8Array | undefined {
  if (ciphertext.length !== modulusBytes || toBigInt(ciphertext) >= key.n) return undefined;
  const encoded = fromBigInt(power(toBigInt(ciphertext), key.d, key.n), modulusBytes);
  const maskedBlock = encoded.subarray(1 + hashBytes);
  const seed = xor(encoded.subarray(1, 1 + hashBytes), mgf1(maskedBlock, hashBytes));
  const block = xor(maskedBlock, mgf1(seed, maskedBlock.length));
  const one = block.findIndex((byte, index) => index >= hashBytes && byte !== 0);
  if (encoded[0] !== 0 || !same(block.subarray(0, hashBytes), sha256(oaepLabel)) || block[one] !== 1) return undefined;
  return block.subarray(one + 1);
}

function der(tag: number, ...content: Uint8Array[]): Uint8Array {
  const body = join(...content);
  if (body.length < 0x80) return join(u8(tag), u8(body.length), body);
  const hex = body.length.toString(16);
  const length = fromHex(hex.length % 2 ? `0${hex}` : hex);
  return join(u8(tag), u8(0x80 | length.length), length, body);
}

function derInteger(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const bytes = fromHex(hex.length % 2 ? `0${hex}` : hex);
  return der(0x02, (bytes[0] ?? 0) & 0x80 ? join(u8(0), bytes) : bytes);
}

// AlgorithmIdentifier { rsaEncryption 1.2.840.113549.1.1.1, NULL }
const rsaEncryption = fromHex('300d06092a864886f70d0101010500');

/** SubjectPublicKeyInfo, DER (RFC 5280 §4.1.2.7, RFC 8017 A.1.1). */
export function spki({ n, e }: RsaPublic): Uint8Array {
  return der(0x30, rsaEncryption, der(0x03, u8(0), der(0x30, derInteger(n), derInteger(e))));
}

/** PrivateKeyInfo, DER (RFC 5958, RFC 8017 A.1.2). */
export function pkcs8({ n, e, d, p, q }: RsaPrivate): Uint8Array {
  const numbers = [0n, n, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p)];
  return der(0x30, derInteger(0n), rsaEncryption, der(0x04, der(0x30, ...numbers.map(derInteger))));
}

/** The key of a SubjectPublicKeyInfo that is exactly the DER of a 2048-bit key with e = 65537, else undefined. */
export function readSpki(bytes: Uint8Array): RsaPublic | undefined {
  // Such a key has one layout: the modulus is bytes 33 to 288.
  const key = { n: toBigInt(bytes.subarray(33, 289)), e: 65537n };
  return key.n >> 2047n === 1n && same(spki(key), bytes) ? key : undefined;
}
