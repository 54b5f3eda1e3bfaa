import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, sentence } from '../api/request.ts';
import { Seal } from '../piece/icons.tsx';
import { wait } from '../format/time.ts';
import { now } from '../state/clock.ts';
import { enter } from '../state/session.ts';

interface Fault {
  text: string;
  /** Until when no further try makes sense, and the text holds; null where there may be one now. */
  until: number | null;
}

function faultOf(error: unknown): Fault {
  if (error instanceof ApiError && error.status === 429) {
    const waitMs = (error.retryAfter ?? 60) * 1000;
    return { text: `Too many tries. The next one can be made in ${wait(waitMs)}.`, until: now.peek() + waitMs };
  }
  return { text: sentence(error), until: null };
}

export function SignIn({ notice }: { notice: string | null }): JSX.Element {
  const busy = useSignal(false);
  const fault = useSignal<Fault | null>(null);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);

  const until = fault.value?.until ?? null;
  const waitMs = until === null ? 0 : until - now.value;
  const submit = async () => {
    if (busy.value || !name.current || !password.current) return;
    busy.value = true;
    fault.value = null;
    try {
      await enter(name.current.value.trim(), password.current.value);
    } catch (error) {
      fault.value = faultOf(error);
      password.current?.select();
    } finally {
      busy.value = false;
    }
  };

  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>
          <Seal />
          Sealcast
        </h1>
        {notice !== null && !fault.value && <p class="sign-in-notice">{notice}</p>}
        <label class="field">
          <span>Name</span>
          <input
            ref={name}
            name="name"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            maxLength={64}
          />
        </label>
        <label class="field">
          <span>Password</span>
          <input
            ref={password}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            maxLength={1024}
          />
        </label>
        <p class="form-fault" role="alert">
          {(until === null || waitMs > 0) && fault.value?.text}
        </p>
        <button type="submit" class="button primary" disabled={busy.value || waitMs > 0}>
          {waitMs > 0 ? `Try again in ${wait(waitMs)}` : busy.value ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
