import { createPublicKey } from 'node:crypto';
import { decodeBody, encodeBody } from './body.ts';
import { sameBytes } from './bytes.ts';
import { Refusal } from './errors.ts';
import { sha256 } from './keys.ts';
import { inviteSchema, type Invite } from './payloads.ts';

export type { Invite } from './payloads.ts';

// PROTOCOL.md, The invite
//
//     "sealcast1:" ‖ base64url(CBOR body ‖ the first 4 bytes of SHA-256(body))

const prefix = 'sealcast1:';
const checkBytes = 4;

/**
 * @returns one line without its end
 * @throws Error where it is not an invite by its schema, or the RSA key not one of 2048 bits with e = 65537
 */
export function formatInvite(invite: Invite): string {
  const body = encodeBody(inviteSchema, invite);
  if (!isTransportKey(invite.rsa)) throw new Error('invite: rsa: expected SPKI DER of 2048 bits with e = 65537');
  return prefix + Buffer.concat([body, checkOf(body)]).toString('base64url');
}

/**
 * @param text the line, white space around it is dropped
 * @throws Refusal `invite.malformed`
 */
export function parseInvite(text: string): Invite {
  const line = text.trim();
  const bytes = Buffer.from(line.slice(prefix.length), 'base64url');
  // Decoding is lax: what is encoded again has to be the same line.
  if (line !== prefix + bytes.toString('base64url')) throw new Refusal('invite.malformed');
  const body = bytes.subarray(0, Math.max(0, bytes.length - checkBytes));
  if (!sameBytes(bytes.subarray(body.length), checkOf(body))) throw new Refusal('invite.malformed');
  const invite = decodeInvite(body);
  if (!isTransportKey(invite.rsa)) throw new Refusal('invite.malformed');
  return invite;
}

function checkOf(body: Uint8Array): Buffer {
  return sha256(undefined, body).subarray(0, checkBytes);
}

function decodeInvite(body: Uint8Array): Invite {
  try {
    return decodeBody(inviteSchema, body);
  } catch (cause) {
    throw new Refusal('invite.malformed', { cause });
  }
}

/** Whether the bytes are the one DER of an RSA-2048 public key with e = 65537. */
function isTransportKey(spki: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType !== 'rsa' || modulusLength !== 2048 || publicExponent !== 65537n) return false;
    return sameBytes(key.export({ format: 'der', type: 'spki' }), spki);
  } catch {
    return false;
  }
}
