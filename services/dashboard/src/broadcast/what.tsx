import type { JSX } from 'preact';
import type { Action, CommandView } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { duration } from '../format/time.ts';

/** What a command asks for. */
export function What({ action }: { action: Action }): JSX.Element {
  if (action.type === 'text') return <p class="said">{action.text}</p>;
  return (
    <p class="said ordered">
      Report every <b>{duration(action.seconds * 1000)}</b>
    </p>
  );
}

/** To whom it went, in a few words. */
export function audienceOf({ everyone, receipts }: CommandView): string {
  if (everyone) return `everyone, ${count(receipts.length, 'node')}`;
  const [only] = receipts;
  return receipts.length === 1 && only ? only.name : count(receipts.length, 'node');
}
