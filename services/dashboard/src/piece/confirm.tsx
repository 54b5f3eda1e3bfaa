import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { sentence } from '../api/request.ts';
import { Dialog } from './dialog.tsx';

/** Asks before something is done. It stays open and says why where it can't be done. */
export function Confirm(props: {
  id: string;
  title: ComponentChildren;
  /** What the button says: what is done, and while it is being done. */
  action: string;
  doing: string;
  destructive?: boolean;
  run: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const { id, title, action, doing, destructive = false, run, onClose, children } = props;
  const busy = useSignal(false);
  const fault = useSignal<string | null>(null);
  const go = async () => {
    if (busy.value) return;
    busy.value = true;
    fault.value = null;
    try {
      await run();
      onClose();
    } catch (error) {
      fault.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog id={id} title={title} onClose={onClose}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <div class="dialog-text">{children}</div>
        <p class="form-fault" role="alert">
          {fault.value}
        </p>
        <p class="dialog-foot">
          <button type="button" class="button" data-first onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={`button primary${destructive ? ' danger' : ''}`} disabled={busy.value}>
            {busy.value ? doing : action}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
