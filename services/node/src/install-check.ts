// What installed this node, against what its invite pins (PROTOCOL.md, The invite).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Invite } from '@sealcast/channel/invite';
import { StartError } from '@sealcast/runtime/run';

/**
 * For an invite that is still to be spent. `file` is the program that installed this node, undefined where none did.
 * @throws StartError where the invite pins another, or none
 */
export function checkInstall(file: string | undefined, { install }: Pick<Invite, 'install'>): void {
  if (file === undefined) return;
  const found = createHash('sha256').update(readFileSync(file)).digest();
  if (install !== undefined && found.equals(install)) return;
  throw new StartError(
    `install_file: ${file} is not what the invite pins: one of them is not from this master. Remove this node, and paste the whole line that the master's page shows`,
  );
}
