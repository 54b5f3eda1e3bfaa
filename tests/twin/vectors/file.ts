// The form of a file of vectors, and how its values stand in JSON.
import { toHex } from '../bytes.ts';
import type { Value } from '../cbor.ts';

export interface VectorFile {
  about: string;
  [member: string]: unknown;
}

/** Byte strings as hexadecimal text, integers that may pass 2⁵³ as decimal text; the rest as it is. */
export function inJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(inJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inJson(inner)]));
}

/** A payload's value: text stays text there, so a byte string is { "hex": "…" }. */
export function bodyInJson(value: Value): unknown {
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (Array.isArray(value)) return value.map(bodyInJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, bodyInJson(inner)]));
}
