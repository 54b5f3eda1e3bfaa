import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { CommandView } from '../api/types.ts';
import { audienceOf, What } from '../broadcast/what.tsx';
import { Progress, Receipts } from '../broadcast/receipts.tsx';
import { fullMoment, moment } from '../format/time.ts';
import { Icon } from '../piece/icons.tsx';
import { Notice } from '../piece/notice.tsx';
import { now } from '../state/clock.ts';
import { sentCommands } from '../state/commands.ts';
import { compose } from '../state/draft.ts';
import { fleetFault, fleetLoaded } from '../state/fleet.ts';
import { readState } from '../state/live.ts';

const step = 20;

function Sent({ command }: { command: CommandView }): JSX.Element {
  const open = useSignal(false);
  return (
    <li class="sent">
      <p class="sent-head">
        <time dateTime={new Date(command.issued).toISOString()} title={fullMoment(command.issued)}>
          {moment(command.issued, now.value)}
        </time>
        <span>
          {command.by} to {audienceOf(command)}
        </span>
      </p>
      <What action={command.action} />
      <Progress command={command} />
      <details
        open={open.value}
        onToggle={(event) => {
          open.value = event.currentTarget.open;
        }}
      >
        <summary>Who answered</summary>
        {open.value && <Receipts command={command} />}
      </details>
    </li>
  );
}

/** What was sent, newest first, with the answers as they come. */
export function BroadcastsPage(): JSX.Element {
  const shown = useSignal(step);
  const all = sentCommands.value;
  return (
    <div class="column">
      <header class="page-head">
        <h1>Broadcasts</h1>
        <button type="button" class="button primary" onClick={() => compose()}>
          <Icon name="broadcast" />
          New broadcast
        </button>
      </header>
      {fleetFault.value !== null && (
        <Notice fault action={{ label: 'Try again', run: () => void readState() }}>
          The broadcasts could not be read. {fleetFault.value}
        </Notice>
      )}
      {fleetLoaded.value && all.length === 0 && (
        <section class="blank">
          <h2>Nothing sent yet</h2>
          <p>A broadcast is sealed once and reaches every node, or those that you pick. Each one confirms it here.</p>
        </section>
      )}
      <ol class="sent-list">
        {all.slice(0, shown.value).map((command) => (
          <Sent key={command.id} command={command} />
        ))}
      </ol>
      {all.length > shown.value && (
        <button
          type="button"
          class="button"
          onClick={() => {
            shown.value += step;
          }}
        >
          Show older
        </button>
      )}
    </div>
  );
}
