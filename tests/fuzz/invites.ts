import { parseHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import type { Value } from '../twin/cbor.ts';
import { Vector } from '../vectors/read-vectors.ts';

function linesOf(file: string): string[] {
  return Vector.file(file)
    .list('accepted')
    .map((vector) => vector.text('line').trim());
}

/** The lines of accepted vectors: an honest invite needs keys of the right form. */
export const inviteLines = linesOf('invite');
export const hopLines = linesOf('hop');

/** The one that has every member. */
export const invite: Value = { ...inviteLines.map(parseInvite).find(({ install }) => install !== undefined)! };
export const hop: Value = { ...parseHop(hopLines[0]!) };
