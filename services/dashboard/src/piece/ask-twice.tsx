import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A small button that asks once more in its own place, and then does it. */
export function AskTwice(props: {
  action: string;
  /** What it is done to. */
  name: string;
  /** What follows from it. */
  line?: string;
  run: () => void;
}): JSX.Element {
  const { action, name, line, run } = props;
  const asked = useSignal(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asked.value) keep.current?.focus();
  }, [asked.value]);
  if (!asked.value) {
    return (
      <button
        type="button"
        class="button small"
        aria-label={`${action} ${name}`}
        onClick={() => {
          asked.value = true;
        }}
      >
        {action}
      </button>
    );
  }
  return (
    <span class="confirm">
      <button type="button" class="button small danger" onClick={run}>
        {action} it
      </button>
      <button
        ref={keep}
        type="button"
        class="button small"
        onClick={() => {
          asked.value = false;
        }}
      >
        Keep
      </button>
      {line !== undefined && <span class="confirm-line">{line}</span>}
    </span>
  );
}
