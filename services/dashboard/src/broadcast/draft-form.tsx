import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { sendCommand } from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { Action } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { duration } from '../format/time.ts';
import { Segmented } from '../piece/choice.tsx';
import { Field } from '../piece/field.tsx';
import { followed, putCommand } from '../state/commands.ts';
import {
  audience,
  audienceSize,
  draftFault,
  draftOrder,
  expiresInSeconds,
  kind,
  seconds,
  text,
  textBytes,
  textMaxBytes,
} from '../state/draft.ts';
import { Audience } from './audience.tsx';
import { RunFields } from './run-fields.tsx';
import { Unwilling } from './unwilling.tsx';

const verbs: Record<Action['type'], { alone: string; to: string }> = {
  text: { alone: 'Broadcast', to: 'Broadcast to' },
  interval: { alone: 'Broadcast', to: 'Broadcast to' },
  rotate: { alone: 'Renew identities', to: 'Renew the identity of' },
  run: { alone: 'Run', to: 'Run on' },
};
const intervals = [1, 5, 10, 30, 60, 300];
const expiries = [600, 3600, 8 * 3600, 24 * 3600];
/** From here on the writer is told how much room is left. */
const nearlyFull = textMaxBytes - 512;

function TextField(): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus({ preventScroll: true }), []);
  return (
    <Field
      id="draft-text"
      label="Text"
      hint={
        textBytes.value > nearlyFull && (
          <span class={textBytes.value > textMaxBytes ? 'over' : ''}>
            {textBytes.value} of {textMaxBytes} bytes
          </span>
        )
      }
    >
      <textarea
        ref={area}
        id="draft-text"
        aria-describedby="draft-text-hint"
        rows={4}
        value={text.value}
        placeholder="What every node writes into its log"
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
    </Field>
  );
}

function IntervalField(): JSX.Element {
  return (
    <Field id="interval-seconds" label="Report every">
      <span class="with-unit">
        <input
          id="interval-seconds"
          type="number"
          inputMode="numeric"
          min={1}
          max={3600}
          step={1}
          value={Number.isNaN(seconds.value) ? '' : seconds.value}
          onInput={(event) => {
            seconds.value = event.currentTarget.valueAsNumber;
          }}
        />
        <span>seconds</span>
      </span>
      <span class="presets">
        {intervals.map((preset) => (
          <button
            key={preset}
            type="button"
            class="chip"
            aria-pressed={seconds.value === preset}
            onClick={() => {
              seconds.value = preset;
            }}
          >
            {duration(preset * 1000)}
          </button>
        ))}
      </span>
    </Field>
  );
}

/** What it takes, and whose policy lets it be done. */
function KindFields({ kind: chosen }: { kind: Action['type'] }): JSX.Element {
  if (chosen === 'text') return <TextField />;
  if (chosen === 'interval') return <IntervalField />;
  if (chosen === 'run') {
    return (
      <>
        <RunFields />
        <p class="policy">
          It is run where a node’s own policy is <b>admin</b>, or allows just this; the others refuse.
        </p>
      </>
    );
  }
  return (
    <>
      <p>Each node makes a new identity and proves it with the old one. It keeps its name, place and history.</p>
      <p class="policy">
        It is done where a node’s own policy is <b>operate</b> or higher, or allows just this; the others refuse.
      </p>
    </>
  );
}

/** Writes a broadcast and sends it. */
export function DraftForm(): JSX.Element {
  const busy = useSignal(false);
  const fault = useSignal<string | null>(null);
  const tried = useSignal(false);
  const submit = async () => {
    if (busy.value) return;
    tried.value = true;
    fault.value = null;
    if (draftFault.value !== null) return;
    busy.value = true;
    try {
      const command = await sendCommand(draftOrder());
      putCommand(command);
      followed.value = command.id;
      text.value = '';
    } catch (error) {
      fault.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  const to =
    audience.value === 'everyone' ? `all ${count(audienceSize.value, 'node')}` : count(audienceSize.value, 'node');
  return (
    <form
      class="draft"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Segmented
        legend="What to send"
        name="kind"
        value={kind.value}
        onChoose={(value) => {
          kind.value = value;
          tried.value = false;
        }}
        choices={[
          { value: 'text', label: 'Message' },
          { value: 'interval', label: 'Interval', name: 'Reporting interval' },
          { value: 'rotate', label: 'Identity', name: 'New identity' },
          { value: 'run', label: 'Program', name: 'Run a program' },
        ]}
      />
      <KindFields kind={kind.value} />
      <Audience />
      <Unwilling />
      <Field id="draft-expiry" label="Valid for" inline hint="A node that is away gets it when it is back in time.">
        <select
          id="draft-expiry"
          aria-describedby="draft-expiry-hint"
          value={String(expiresInSeconds.value)}
          onChange={(event) => {
            expiresInSeconds.value = Number(event.currentTarget.value);
          }}
        >
          {expiries.map((each) => (
            <option key={each} value={String(each)}>
              {duration(each * 1000)}
            </option>
          ))}
        </select>
      </Field>
      <p class="form-fault" role="alert">
        {fault.value ?? (tried.value ? draftFault.value : null)}
      </p>
      <button type="submit" class="button primary" disabled={busy.value}>
        {busy.value ? 'Sending…' : audienceSize.value === 0 ? verbs[kind.value].alone : `${verbs[kind.value].to} ${to}`}
      </button>
    </form>
  );
}
