import type * as v from 'valibot';
import { decodeBody, encodeBody } from './body.ts';
import { sameBytes } from './bytes.ts';
import { Refusal, type RefusalCode } from './errors.ts';
import { sha256 } from './keys.ts';

// PROTOCOL.md, The invite, and the hop line likewise:
//
//     prefix ‖ base64url(CBOR body ‖ the first 4 bytes of SHA-256(body))

const checkBytes = 4;

/**
 * @returns one line without its end
 * @throws Error where the body does not fit the schema
 */
export function formatLine<Schema extends v.GenericSchema>(
  prefix: string,
  schema: Schema,
  body: v.InferInput<Schema>,
): string {
  const encoded = encodeBody(schema, body);
  return prefix + Buffer.concat([encoded, checkOf(encoded)]).toString('base64url');
}

/**
 * @param text the line, white space around it is dropped
 * @throws Refusal `malformed`
 */
export function parseLine<Schema extends v.GenericSchema>(
  prefix: string,
  schema: Schema,
  text: string,
  malformed: RefusalCode,
): v.InferOutput<Schema> {
  const line = text.trim();
  const bytes = Buffer.from(line.slice(prefix.length), 'base64url');
  // Decoding is lax: what is encoded again has to be the same line.
  if (line !== prefix + bytes.toString('base64url')) throw new Refusal(malformed);
  const body = bytes.subarray(0, Math.max(0, bytes.length - checkBytes));
  if (!sameBytes(bytes.subarray(body.length), checkOf(body))) throw new Refusal(malformed);
  try {
    return decodeBody(schema, body);
  } catch (cause) {
    throw new Refusal(malformed, { cause });
  }
}

function checkOf(body: Uint8Array): Buffer {
  return sha256(undefined, body).subarray(0, checkBytes);
}
