// Byte strings, as PROTOCOL.md writes them: ‖ is join, "text" is text(), x[a..b) is subarray, u64 is u64().

export function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function text(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (letter) => letter.charCodeAt(0));
}

/** `"text" ‖ 0x00`, with which every hash and signature of the protocol begins. */
export function tagged(ascii: string): Uint8Array {
  return join(text(ascii), u8(0));
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u64(value: bigint | number): Uint8Array {
  return fromBigInt(BigInt(value), 8);
}

export function fromBigInt(value: bigint, length: number): Uint8Array {
  return fromHex(value.toString(16).padStart(length * 2, '0'));
}

export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes) || '0'}`);
}

export function zero(length: number): Uint8Array {
  return new Uint8Array(length);
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return toHex(a) === toHex(b);
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Uint8Array {
  const digits = hex.match(/../g) ?? [];
  if (digits.join('') !== hex || !/^[0-9a-f]*$/.test(hex)) throw new Error('hex: an even number of lower-case digits');
  return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
}

/** The same bytes with one bit of byte `at` turned over; a negative `at` counts from the end. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const place = at < 0 ? bytes.length + at : at;
  return bytes.map((byte, index) => (index === place ? byte ^ 1 : byte));
}

/** The same bytes with `part` in place of what stands at `at`. */
export function put(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, at), part, bytes.subarray(at + part.length));
}
