// PROTOCOL.md, The invite.
import { join, same } from './bytes.ts';
import { decode, encode } from './cbor.ts';
import { sha256 } from './primitives.ts';
import { Refused, refuse, refuseUnless } from './refused.ts';
import { readSpki } from './rsa.ts';
import { type Body, checkBody } from './schemas.ts';

const prefix = 'sealcast1:';
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648 §5 without padding: six bits a letter, the last one filled up with zero bits. */
export function base64url(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const sixes = bits.match(/.{1,6}/g) ?? [];
  return sixes.map((six) => alphabet[Number.parseInt(six.padEnd(6, '0'), 2)]).join('');
}

function fromBase64url(letters: string): Uint8Array {
  const values = Array.from(letters, (letter) => alphabet.indexOf(letter));
  refuseUnless(!values.includes(-1), 'invite.malformed');
  const bits = values.map((value) => value.toString(2).padStart(6, '0')).join('');
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2));
  refuseUnless(base64url(bytes) === letters, 'invite.malformed');
  return bytes;
}

/** @param body the CBOR, which tests may also have wrong */
export function lineOf(body: Uint8Array): string {
  return prefix + base64url(join(body, sha256(body).subarray(0, 4)));
}

export function formatInvite(invite: Body): string {
  return lineOf(encode(checkBody('invite', invite)));
}

export function parseInvite(text: string): Body {
  const line = text.trim();
  refuseUnless(line.startsWith(prefix), 'invite.malformed');
  const bytes = fromBase64url(line.slice(prefix.length));
  const [body, check] = [bytes.slice(0, -4), bytes.slice(-4)];
  refuseUnless(same(sha256(body).subarray(0, 4), check), 'invite.malformed');
  const invite = readBody(body);
  const rsa = invite['rsa'];
  refuseUnless(rsa instanceof Uint8Array && readSpki(rsa) !== undefined, 'invite.malformed');
  return invite;
}

function readBody(body: Uint8Array): Body {
  try {
    return checkBody('invite', decode(body));
  } catch (error) {
    if (error instanceof Refused) refuse('invite.malformed');
    throw error;
  }
}
