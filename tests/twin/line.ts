// PROTOCOL.md, The invite, Relays: a body as one line of text.
import { join, same } from './bytes.ts';
import { decode, encode } from './cbor.ts';
import { sha256 } from './primitives.ts';
import { Refused, refuse, refuseUnless } from './refused.ts';
import { type Body, checkBody } from './schemas.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648 §5 without padding: six bits a letter, the last one filled up with zero bits. */
export function base64url(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const sixes = bits.match(/.{1,6}/g) ?? [];
  return sixes.map((six) => alphabet[Number.parseInt(six.padEnd(6, '0'), 2)]).join('');
}

/** undefined where the letters are not what `base64url` gives. */
function fromBase64url(letters: string): Uint8Array | undefined {
  const values = Array.from(letters, (letter) => alphabet.indexOf(letter));
  if (values.includes(-1)) return undefined;
  const bits = values.map((value) => value.toString(2).padStart(6, '0')).join('');
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2));
  return base64url(bytes) === letters ? bytes : undefined;
}

export interface Form {
  prefix: string;
  schema: 'invite' | 'hop';
  malformed: string;
}

/** @param body the CBOR, which tests may also have wrong */
export function lineOf({ prefix }: Form, body: Uint8Array): string {
  return prefix + base64url(join(body, sha256(body).subarray(0, 4)));
}

export function formatLine(form: Form, fields: Body): string {
  return lineOf(form, encode(checkBody(form.schema, fields)));
}

export function parseLine({ prefix, schema, malformed }: Form, text: string): Body {
  const line = text.trim();
  refuseUnless(line.startsWith(prefix), malformed);
  const bytes = fromBase64url(line.slice(prefix.length)) ?? refuse(malformed);
  const [body, check] = [bytes.slice(0, -4), bytes.slice(-4)];
  refuseUnless(same(sha256(body).subarray(0, 4), check), malformed);
  try {
    return checkBody(schema, decode(body));
  } catch (error) {
    if (error instanceof Refused) refuse(malformed);
    throw error;
  }
}
