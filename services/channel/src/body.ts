import * as v from 'valibot';
import { decode, encode } from './cbor.ts';
import { Refusal } from './errors.ts';

/**
 * @returns the one CBOR encoding of a body
 * @throws Error that names what does not fit the schema: nothing is sent that the peer would refuse
 */
export function encodeBody<Schema extends v.GenericSchema>(schema: Schema, body: v.InferInput<Schema>): Uint8Array {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return encode(result.output);
  const [issue] = result.issues;
  throw new Error(`body: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

/**
 * Step 7 of opening one.
 * @throws Refusal `payload.encoding`, `payload.schema`
 */
export function decodeBody<Schema extends v.GenericSchema>(schema: Schema, bytes: Uint8Array): v.InferOutput<Schema> {
  const result = v.safeParse(schema, decode(bytes), { abortEarly: true });
  if (!result.success) throw new Refusal('payload.schema');
  return result.output;
}
