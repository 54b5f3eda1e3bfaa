// Who has done what was ordered, as it becomes known.
import type { CommandView, Outcome } from '@sealcast/master/fleet/views';
import { type ExitCode, exitCodes } from '../command/failures.ts';
import { harmless, harmlessLine } from '../terminal/harmless.ts';
import type { Paint } from '../terminal/screen.ts';

type Receipt = CommandView['receipts'][number];

const styles = {
  waiting: 'dim',
  done: 'green',
  refused: 'red',
  failed: 'red',
  expired: 'yellow',
} as const satisfies Record<Outcome, Parameters<Paint>[0]>;

/** The receipts that `command` has and `told` has not, which are in it afterwards. */
export function news({ receipts }: CommandView, told: Set<string>): Receipt[] {
  const fresh = receipts.filter(({ node, outcome }) => outcome !== 'waiting' && !told.has(node));
  for (const { node } of fresh) told.add(node);
  return fresh;
}

/** Ends in a line end. */
export function receiptText({ name, outcome, detail, output, at }: Receipt, issued: number, paint: Paint): string {
  const took = at === null ? '' : `  ${paint('dim', `${at - issued} ms`)}`;
  const why = detail === null || detail === '' ? '' : `  ${harmlessLine(detail)}`;
  const said = output === null || output === '' ? '' : `${indented(harmless(output))}\n`;
  return `${paint('bold', harmlessLine(name))}  ${paint(styles[outcome], outcome)}${why}${took}\n${said}`;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** All have done it, none has or will, or it is partly done. Where there is no node, none has. */
export function exitCodeOf({ receipts }: CommandView): ExitCode {
  if (receipts.length === 0) return exitCodes.failed;
  const outcomes = new Set(receipts.map(({ outcome }) => outcome));
  if ([...outcomes].every((outcome) => outcome === 'done')) return exitCodes.done;
  return outcomes.has('done') || outcomes.has('waiting') ? exitCodes.partly : exitCodes.failed;
}
