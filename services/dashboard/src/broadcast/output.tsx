import type { JSX } from 'preact';
import { harmless } from '../format/harmless.ts';
import { count } from '../format/quantity.ts';

/** What a program wrote on a node, to be opened. */
export function Output({ text, name }: { text: string; name: string }): JSX.Element {
  const shown = harmless(text).replace(/\n$/, '');
  return (
    <details class="output">
      <summary>Output, {count(shown.split('\n').length, 'line')}</summary>
      <pre tabIndex={0} role="group" aria-label={`Output on ${name}`}>
        {shown}
      </pre>
    </details>
  );
}
