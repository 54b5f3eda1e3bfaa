import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Dialog } from '../piece/dialog.tsx';
import { Icon } from '../piece/icons.tsx';
import { Notice } from '../piece/notice.tsx';
import { readRelays, relays, relaysFault } from '../state/relays.ts';
import { RelayForm } from './relay-form.tsx';
import { RelayList } from './relay-list.tsx';

/** A relay that comes or goes is seen while the dialog is open. */
const everyMs = 3000;

/** The relays, and how to add one. */
export function RelaysDialog({ onClose }: { onClose: () => void }): JSX.Element {
  useEffect(() => {
    void readRelays();
    const timer = setInterval(() => void readRelays(), everyMs);
    return () => clearInterval(timer);
  }, []);
  const known = relays.value;
  return (
    <Dialog id="relays-title" title="Relays" form onClose={onClose}>
      <button
        type="button"
        class="icon-button dialog-close"
        aria-label="Close the relays"
        title="Close"
        data-first
        onClick={onClose}
      >
        <Icon name="close" />
      </button>
      <div class="dialog-text">
        <p class="quiet">
          A relay stands between a site and this master, and passes on what the nodes there say. It holds no key to any
          of it: what it carries it can neither read nor change.
        </p>
        {relaysFault.value !== null && (
          <Notice fault action={{ label: 'Try again', run: () => void readRelays() }}>
            {relaysFault.value}
          </Notice>
        )}
        {known && <RelayList list={known.relays} />}
      </div>
      {known &&
        (known.line === '' ? (
          <Notice>
            This master has no line that a relay could be given: it does not know the name that others call it by (
            <code>mq_public_host</code>), or does not speak CURVE (<code>mq_mechanism</code>).
          </Notice>
        ) : (
          <RelayForm line={known.line} />
        ))}
    </Dialog>
  );
}
