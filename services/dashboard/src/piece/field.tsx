import type { ComponentChildren, JSX } from 'preact';

/** A control with its name above and a hint below. The control has the id, and `${id}-hint` as its description. */
export function Field(props: {
  id: string;
  label: string;
  hint?: ComponentChildren;
  inline?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  const { id, label, hint, inline = false, children } = props;
  return (
    <div class={`field${inline ? ' inline' : ''}`}>
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
