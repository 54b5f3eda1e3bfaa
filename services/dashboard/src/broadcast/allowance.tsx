import type { JSX } from 'preact';
import type { CommandView } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { Copied } from '../piece/copied.tsx';
import { PolicyFile } from '../policy/policy-file.tsx';
import { missingLine } from '../policy/would-do.ts';

/** Where nodes refused a command: what their policy lacks, and where it would be written. */
export function Allowance({ command: { action, receipts } }: { command: CommandView }): JSX.Element | null {
  const refused = receipts.filter(({ outcome }) => outcome === 'refused').length;
  const line = missingLine(action);
  if (refused === 0 || line === null) return null;
  return (
    <div class="policy allowance">
      <p>
        {count(refused, 'node')} refused, each by its own policy. Whoever has root on the machine allows it with this
        line
        {line.startsWith('level') && ' in the place of its level'}, in the file <PolicyFile />.
      </p>
      <Copied label="Line of the policy" text={line} />
    </div>
  );
}
