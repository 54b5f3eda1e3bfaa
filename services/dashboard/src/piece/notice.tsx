import type { ComponentChildren, JSX } from 'preact';

/** A sentence that asks for attention, with something to do about it. */
export function Notice(props: {
  fault?: boolean;
  /** What passes by itself. */
  calm?: boolean;
  action?: { label: string; run: () => void };
  children: ComponentChildren;
}): JSX.Element {
  const { fault = false, calm = false, action, children } = props;
  return (
    <div class={`notice${fault ? ' fault' : calm ? ' calm' : ''}`} role={fault ? 'alert' : 'status'}>
      <span class="notice-sign" aria-hidden="true">
        {fault ? '!' : 'i'}
      </span>
      <p>{children}</p>
      {action && (
        <button type="button" class="button small" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}
