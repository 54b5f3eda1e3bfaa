export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Not for secrets: takes longer the more bytes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * @returns `bytes`, which are `length` long
 * @throws Error that names the argument, where they are not
 */
export function exactly(length: number, bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length !== length) throw new Error(`${name}: expected ${length} bytes, got ${bytes.length}`);
  return bytes;
}
