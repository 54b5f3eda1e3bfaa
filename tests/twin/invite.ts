// PROTOCOL.md, The invite.
import { type Form, formatLine, parseLine } from './line.ts';
import { refuseUnless } from './refused.ts';
import { readSpki } from './rsa.ts';
import type { Body } from './schemas.ts';

export const inviteForm: Form = { prefix: 'sealcast1:', schema: 'invite', malformed: 'invite.malformed' };

export function formatInvite(invite: Body): string {
  return formatLine(inviteForm, invite);
}

export function parseInvite(text: string): Body {
  const invite = parseLine(inviteForm, text);
  const rsa = invite['rsa'];
  refuseUnless(rsa instanceof Uint8Array && readSpki(rsa) !== undefined, 'invite.malformed');
  return invite;
}
