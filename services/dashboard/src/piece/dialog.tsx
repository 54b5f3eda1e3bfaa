import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * A box over the page; everything below it waits. Escape closes it, and so does a click beside it, unless it is a `form`
 * whose words would be lost. The control that is to have the focus first says `data-first`.
 */
export function Dialog(props: {
  id: string;
  title: ComponentChildren;
  form?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const { id, title, form = false, onClose, children } = props;
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={`dialog${form ? ' wide' : ''}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && !form) onClose();
      }}
      // The keys of the page below mean nothing here.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="dialog-box">
        <h2 id={id} class="dialog-title">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
