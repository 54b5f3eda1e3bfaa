import type { Refusals } from '../api/types.ts';
import { cutReasons } from './cut-reasons.ts';
import { type Reason, suspect } from './reason.ts';
import { refusalReasons } from './refusal-reasons.ts';

/** One reason that has come, and how often. */
export interface Tally extends Reason {
  code: string;
  of: 'frame' | 'connection';
  number: number;
}

/** What a newer master says and this page has no words for asks for a look. */
const unknown = suspect('A reason that this page does not know.');

function talliesOf(
  of: Tally['of'],
  counts: Readonly<Record<string, number>>,
  reasons: Readonly<Record<string, Reason>>,
): Tally[] {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([code, number]) => ({ code, of, number, ...(reasons[code] ?? unknown) }));
}

/** What has come at all, the most frequent first. */
export function tallies({ counts, cuts }: Refusals): Tally[] {
  return [...talliesOf('frame', counts, refusalReasons), ...talliesOf('connection', cuts, cutReasons)].toSorted(
    (a, b) => b.number - a.number || (a.code < b.code ? -1 : 1),
  );
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0);
}
