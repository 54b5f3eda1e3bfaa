import { parseInvite } from '@sealcast/channel/invite';
import type { Value } from '../twin/cbor.ts';
import { Vector } from '../vectors/read-vectors.ts';

/** The lines of accepted vectors: an honest invite needs keys of the right form. */
export const inviteLines = Vector.file('invite')
  .list('accepted')
  .map((vector) => vector.text('line').trim());

const [first = ''] = inviteLines;
export const invite: Value = { ...parseInvite(first) };
