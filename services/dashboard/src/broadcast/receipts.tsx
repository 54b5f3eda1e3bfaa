import type { JSX } from 'preact';
import type { CommandView, Receipt } from '../api/types.ts';
import { delay } from '../format/delay.ts';
import { harmlessLine } from '../format/harmless.ts';
import { fullMoment, moment, preciseClock } from '../format/time.ts';
import { now } from '../state/clock.ts';
import { links } from '../state/route.ts';
import { Allowance } from './allowance.tsx';
import { Output } from './output.tsx';
import { outcomeSigns, outcomeWords, receiptsInOrder, tally } from './outcomes.ts';

/** How far a command has come: a bar of its outcomes, and the same in words. */
export function Progress({ command }: { command: CommandView }): JSX.Element {
  const parts = tally(command.receipts);
  const all = command.receipts.length;
  const done = command.receipts.filter(({ outcome }) => outcome === 'done').length;
  return (
    <div class="progress">
      <div class="progress-bar" aria-hidden="true">
        {parts.toReversed().map(({ outcome, number }) => (
          <span key={outcome} class={outcome} style={{ flexGrow: String(number) }} />
        ))}
      </div>
      <p class="progress-words">
        <span>
          <b>
            {done} of {all}
          </b>{' '}
          confirmed
        </span>
        {parts
          .filter(({ outcome }) => outcome !== 'done')
          .map(({ outcome, number }) => (
            <span key={outcome} class={`outcome ${outcome}`}>
              <span aria-hidden="true">{outcomeSigns[outcome]}</span> {number} {outcomeWords[outcome].toLowerCase()}
            </span>
          ))}
      </p>
    </div>
  );
}

function When({ receipt, command }: { receipt: Receipt; command: CommandView }): JSX.Element {
  const { at, outcome } = receipt;
  if (at === null) {
    return outcome === 'waiting' ? <span class="quiet">until {moment(command.expires, now.value)}</span> : <>–</>;
  }
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={`${fullMoment(at)}, ${delay(at - command.issued)} after sending`}
    >
      {now.value - at < 86_400_000 ? preciseClock(at) : moment(at, now.value)}
      <span class="quiet"> +{delay(at - command.issued)}</span>
    </time>
  );
}

/** Who has answered what, when, and why not. Follows the answers as they come. */
export function Receipts({ command }: { command: CommandView }): JSX.Element {
  return (
    <>
      <Allowance command={command} />
      <ul class="receipts">
        {receiptsInOrder(command).map((receipt) => (
          <li key={receipt.node}>
            <span class={`outcome ${receipt.outcome}`}>
              <span class="outcome-sign" aria-hidden="true">
                {outcomeSigns[receipt.outcome]}
              </span>
              {outcomeWords[receipt.outcome]}
            </span>
            <a class="receipt-name" href={links.node(receipt.node)} title={receipt.name}>
              {receipt.name}
            </a>
            <span class="receipt-time">
              <When receipt={receipt} command={command} />
            </span>
            {receipt.detail !== null && receipt.detail !== '' && (
              <p class="receipt-detail">{harmlessLine(receipt.detail)}</p>
            )}
            {receipt.output && <Output text={receipt.output} name={receipt.name} />}
          </li>
        ))}
      </ul>
    </>
  );
}
