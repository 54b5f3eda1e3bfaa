import { createPublicKey } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import { formatLine, parseLine } from './checked-line.ts';
import { Refusal } from './errors.ts';
import { inviteSchema, type Invite } from './payloads.ts';

export type { Invite } from './payloads.ts';

const prefix = 'sealcast1:';

/**
 * @returns one line without its end
 * @throws Error where it is not an invite by its schema, or the RSA key not one of 2048 bits with e = 65537
 */
export function formatInvite(invite: Invite): string {
  const line = formatLine(prefix, inviteSchema, invite);
  if (!isTransportKey(invite.rsa)) throw new Error('invite: rsa: expected SPKI DER of 2048 bits with e = 65537');
  return line;
}

/**
 * @param text the line, white space around it is dropped
 * @throws Refusal `invite.malformed`
 */
export function parseInvite(text: string): Invite {
  const invite = parseLine(prefix, inviteSchema, text, 'invite.malformed');
  if (!isTransportKey(invite.rsa)) throw new Refusal('invite.malformed');
  return invite;
}

/** Whether the bytes are the one DER of an RSA-2048 public key with e = 65537. */
export function isTransportKey(spki: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType !== 'rsa' || modulusLength !== 2048 || publicExponent !== 65537n) return false;
    return sameBytes(key.export({ format: 'der', type: 'spki' }), spki);
  } catch {
    return false;
  }
}
