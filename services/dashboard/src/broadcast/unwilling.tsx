import type { JSX } from 'preact';
import { count } from '../format/quantity.ts';
import { unwilling } from '../state/unwilling.ts';

const namedMax = 4;

/** Which of the chosen nodes say that they won't do what is being written. */
export function Unwilling(): JSX.Element | null {
  const names = unwilling.value;
  if (names.length === 0) return null;
  const rest = names.length - namedMax;
  const named = names.slice(0, rest === 1 ? names.length : namedMax);
  return (
    <p class="policy" role="status">
      {count(names.length, 'node')} of these will refuse by what they tell of their policy: <b>{named.join(', ')}</b>
      {rest > 1 && ` and ${rest} more`}.
    </p>
  );
}
