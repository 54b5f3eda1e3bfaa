import { type Signal, signal, useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { makeInvite } from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { MadeInvite } from '../api/types.ts';
import { duration } from '../format/time.ts';
import { Field } from '../piece/field.tsx';
import { publicHost, readInvites } from '../state/invites.ts';
import { relays } from '../state/relays.ts';
import { isThisMachine } from '@sealcast/master/install/this-machine';

const hourMs = 3_600_000;
const lifetimes = [1, 24, 72, 168];
/** An IPv6 address stands in brackets in the address bar only. */
const hostHere = location.hostname.replace(/^\[(.*)\]$/, '$1');
const usualLifetime = 24;
/** What was written as the master's address last; null until then. */
const typed = signal<string | null>(null);

/** Asks for what an invite must say, and makes it. */
export function InviteForm({ made }: { made: Signal<MadeInvite | null> }): JSX.Element {
  const busy = useSignal(false);
  const fault = useSignal<string | null>(null);
  const label = useRef<HTMLInputElement>(null);
  const host = useComputed(() => typed.value ?? publicHost.value ?? (isThisMachine(hostHere) ? '' : hostHere));
  const through = useSignal('');
  const known = relays.value?.relays ?? [];
  const relay = useComputed(() => relays.value?.relays.find(({ id }) => id === through.value));
  const hours = useRef<HTMLSelectElement>(null);
  const submit = async () => {
    if (busy.value || !label.current || !hours.current) return;
    busy.value = true;
    fault.value = null;
    try {
      const reached = relay.value ? { relay: relay.value.id } : { host: host.value.trim() };
      const order = { label: label.current.value.trim(), hours: Number(hours.current.value), ...reached };
      made.value = { ...(await makeInvite(order)), host: reached.host ?? null };
      void readInvites();
    } catch (error) {
      fault.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="invite-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field id="invite-label" label="Label" hint="The node that joins with it is called that; its page can rename it.">
        <input
          ref={label}
          id="invite-label"
          aria-describedby="invite-label-hint"
          required
          maxLength={64}
          placeholder="What you call the machine"
          autocomplete="off"
        />
      </Field>
      {known.length > 0 && (
        <Field id="invite-through" label="Through">
          <select
            id="invite-through"
            value={relay.value?.id ?? ''}
            onChange={(event) => {
              through.value = event.currentTarget.value;
            }}
          >
            <option value="">This master itself</option>
            {known.map(({ id, name, host: at }) => (
              <option key={id} value={id}>
                {name} ({at})
              </option>
            ))}
          </select>
        </Field>
      )}
      {!relay.value && (
        <Field
          id="invite-host"
          label="This master’s address"
          hint={
            isThisMachine(host.value.trim())
              ? 'Only a node on the master’s own machine reaches this one. For others, write its name or address.'
              : 'The name or address under which the machine reaches this master.'
          }
        >
          <input
            id="invite-host"
            aria-describedby="invite-host-hint"
            required
            maxLength={253}
            placeholder="master.lan or 192.168.1.5"
            value={host.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
          />
        </Field>
      )}
      <Field id="invite-hours" label="Good for">
        <select ref={hours} id="invite-hours">
          {lifetimes.map((each) => (
            <option key={each} value={String(each)} selected={each === usualLifetime}>
              {duration(each * hourMs)}
            </option>
          ))}
        </select>
      </Field>
      <p class="form-fault" role="alert">
        {fault.value}
      </p>
      <button type="submit" class="button primary" disabled={busy.value}>
        {busy.value ? 'Making…' : 'Make an invite'}
      </button>
    </form>
  );
}
