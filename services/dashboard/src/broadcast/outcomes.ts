import type { CommandView, Outcome, Receipt } from '../api/types.ts';

/** What needs a look comes first. */
const outcomes = ['failed', 'refused', 'expired', 'waiting', 'done'] as const satisfies readonly Outcome[];

export const outcomeWords: Record<Outcome, string> = {
  done: 'Done',
  waiting: 'Waiting',
  refused: 'Refused',
  failed: 'Failed',
  expired: 'Expired',
};

/** A sign of its own for each, so that none is told by colour alone. */
export const outcomeSigns: Record<Outcome, string> = {
  done: '✓',
  waiting: '…',
  refused: '⊘',
  failed: '✕',
  expired: '⌛\ufe0e',
};

export function tally(receipts: readonly Receipt[]): { outcome: Outcome; number: number }[] {
  return outcomes.flatMap((outcome) => {
    const number = receipts.filter((receipt) => receipt.outcome === outcome).length;
    return number === 0 ? [] : [{ outcome, number }];
  });
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** What needs a look first, then the latest answer first, then by name. */
export function receiptsInOrder(command: CommandView): Receipt[] {
  return command.receipts.toSorted(
    (a, b) =>
      outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) ||
      (b.at ?? 0) - (a.at ?? 0) ||
      byName.compare(a.name, b.name),
  );
}
