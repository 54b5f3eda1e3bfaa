import type { JSX } from 'preact';
import type { Action, CommandView } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { duration } from '../format/time.ts';
import { Argv } from './run-fields.tsx';

/** What a command asks for. */
export function What({ action }: { action: Action }): JSX.Element {
  if (action.type === 'text') return <p class="said">{action.text}</p>;
  if (action.type === 'rotate') return <p class="said ordered">Take a new identity</p>;
  if (action.type === 'interval') {
    return (
      <p class="said ordered">
        Report every <b>{duration(action.seconds * 1000)}</b>
      </p>
    );
  }
  return (
    <div class="said ordered">
      <p>
        Run for <b>{duration(action.seconds * 1000)}</b> at most
      </p>
      <Argv argv={[action.program, ...action.arguments]} />
    </div>
  );
}

/** To whom it went, in a few words. */
export function audienceOf({ everyone, receipts }: CommandView): string {
  if (everyone) return `everyone, ${count(receipts.length, 'node')}`;
  const [only] = receipts;
  return receipts.length === 1 && only ? only.name : count(receipts.length, 'node');
}
