// keys_dir/invites.json: what the master knows of the first invites. A hash opens nothing, so the list is no secret
// that could be lost or made anew; it is the one file that grows. What is in it stays in it.
import { createHash } from 'node:crypto';
import { Complaint } from './findings.ts';

export interface ListedInvite {
  /** SHA-256 of the code, hex. */
  readonly hash: string;
  /** Seconds since 1970. */
  readonly expires: number;
  readonly label: string;
}

export function labelOf(number: number): string {
  return `node-${number}`;
}

export function hashCode(code: Uint8Array): string {
  return createHash('sha256').update(code).digest('hex');
}

/** Throws Complaint. */
export function readInviteList(bytes: Buffer): ListedInvite[] {
  const remedy = 'Put a good copy there; or delete it and the invites in nodes_dir, and init makes new ones.';
  let list: unknown;
  try {
    list = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Complaint('is damaged: it is not JSON.', remedy, { cause: error });
  }
  if (!Array.isArray(list)) throw new Complaint('is damaged: it is not a list.', remedy);
  return list.map((entry: unknown, index) => {
    if (!isListed(entry)) throw new Complaint(`is damaged: its entry ${index + 1} is not an invite.`, remedy);
    return entry;
  });
}

/** One invite a line. */
export function writeInviteList(list: readonly ListedInvite[]): Buffer {
  const lines = list.map((invite) => `  ${JSON.stringify(invite)}`);
  return Buffer.from(lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`);
}

function isListed(entry: unknown): entry is ListedInvite {
  if (typeof entry !== 'object' || entry === null) return false;
  if (!('hash' in entry) || !('expires' in entry) || !('label' in entry)) return false;
  const { hash, expires, label } = entry;
  return (
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash) &&
    Number.isSafeInteger(expires) &&
    typeof label === 'string'
  );
}
