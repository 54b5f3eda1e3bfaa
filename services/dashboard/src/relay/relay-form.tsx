import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { addRelay } from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import { Copied } from '../piece/copied.tsx';
import { Field } from '../piece/field.tsx';
import { readRelays } from '../state/relays.ts';
import { hopLineIn } from './hop-line-in.ts';

/** Two lines cross: the master's goes to the relay, and the relay's comes here. `line` is the master's. */
export function RelayForm({ line }: { line: string }): JSX.Element {
  const busy = useSignal(false);
  const fault = useSignal<string | null>(null);
  const added = useSignal<string | null>(null);
  const name = useSignal('');
  const pasted = useSignal('');
  const submit = async () => {
    if (busy.value) return;
    busy.value = true;
    fault.value = null;
    added.value = null;
    try {
      added.value = (await addRelay(name.value.trim(), hopLineIn(pasted.value))).name;
      name.value = '';
      pasted.value = '';
      await readRelays();
    } catch (error) {
      fault.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="relay-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h3>Add a relay</h3>
      <ol class="steps">
        <li>
          <p>
            Start the relay with this line as its <code>mq_upstream</code>: in README’s command in the place of{' '}
            <code>sealcast-hop1:…</code>, between the quotes; in a settings file behind <code>mq_upstream=</code>.
          </p>
          <Copied label="This master’s line" text={line} />
        </li>
        <li>
          <p>
            It prints a line of its own, and keeps it in its file <code>hop-line</code>. Paste it here, and give the
            relay a name.
          </p>
          <Field id="relay-line" label="The relay’s line">
            <textarea
              id="relay-line"
              class="line"
              rows={3}
              required
              maxLength={2048}
              placeholder="sealcast-hop1:…"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={pasted.value}
              onInput={(event) => {
                pasted.value = event.currentTarget.value;
              }}
            />
          </Field>
          <Field id="relay-name" label="Name">
            <input
              id="relay-name"
              required
              maxLength={64}
              placeholder="What you call the site"
              autocomplete="off"
              value={name.value}
              onInput={(event) => {
                name.value = event.currentTarget.value;
              }}
            />
          </Field>
          <p class="form-fault" role="alert">
            {fault.value}
          </p>
          <p class="form-done" role="status">
            {added.value !== null && (
              <>
                <b>{added.value}</b> was added. New invites can lead through it.
              </>
            )}
          </p>
          <button type="submit" class="button primary" disabled={busy.value}>
            {busy.value ? 'Adding…' : 'Add relay'}
          </button>
        </li>
      </ol>
    </form>
  );
}
