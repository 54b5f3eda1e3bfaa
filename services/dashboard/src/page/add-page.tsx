import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { MadeInvite } from '../api/types.ts';
import { InviteForm } from '../invite/invite-form.tsx';
import { InviteList } from '../invite/invite-list.tsx';
import { NewInviteBox } from '../invite/new-invite.tsx';
import { Icon } from '../piece/icons.tsx';
import { Notice } from '../piece/notice.tsx';
import { RelaysDialog } from '../relay/relays-dialog.tsx';
import { nodeIds } from '../state/fleet.ts';
import { invitesFault, readInvites } from '../state/invites.ts';
import { readRelays, relays } from '../state/relays.ts';

/** Makes invites, and shows which are open. */
export function AddPage(): JSX.Element {
  const made = useSignal<MadeInvite | null>(null);
  const relaysOpen = useSignal(false);
  const count = relays.value?.relays.length ?? 0;
  // A node that joins spends an invite. After live updates were lost, the list of nodes is another one, however long.
  useEffect(() => void readInvites(), [nodeIds.value]);
  useEffect(() => void readRelays(), []);
  return (
    <div class="column">
      <header class="page-head">
        <h1>Add a node</h1>
        <button
          type="button"
          class="button"
          aria-haspopup="dialog"
          onClick={() => {
            relaysOpen.value = true;
          }}
        >
          <Icon name="relay" />
          Relays{count > 0 && <span class="tally">{count}</span>}
        </button>
      </header>
      <div class="add">
        {made.value ? <NewInviteBox made={made} /> : <InviteForm made={made} />}
        <section class="add-list">
          {invitesFault.value !== null && (
            <Notice fault action={{ label: 'Try again', run: () => void readInvites() }}>
              {invitesFault.value}
            </Notice>
          )}
          <InviteList />
        </section>
      </div>
      {relaysOpen.value && (
        <RelaysDialog
          onClose={() => {
            relaysOpen.value = false;
          }}
        />
      )}
    </div>
  );
}
