import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, sentence } from '../api/request.ts';
import { Seal } from '../piece/icons.tsx';
import { now } from '../state/clock.ts';
import { enter } from '../state/session.ts';

interface Fault {
  text: string;
  /** Until when no further try makes sense. */
  until: number;
}

function faultOf(error: unknown): Fault {
  if (error instanceof ApiError && error.status === 429) {
    return {
      text: 'Too many tries. Please wait before the next one.',
      until: now.peek() + (error.retryAfter ?? 60) * 1000,
    };
  }
  return { text: sentence(error), until: 0 };
}

export function SignIn({ notice }: { notice: string | null }): JSX.Element {
  const busy = useSignal(false);
  const fault = useSignal<Fault | null>(null);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);

  const wait = Math.ceil(((fault.value?.until ?? 0) - now.value) / 1000);
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
          {fault.value?.text}
        </p>
        <button type="submit" class="button primary" disabled={busy.value || wait > 0}>
          {wait > 0 ? `Try again in ${wait}\u00a0s` : busy.value ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
