import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { NewInvite } from '../api/types.ts';
import { InviteForm } from '../invite/invite-form.tsx';
import { InviteList } from '../invite/invite-list.tsx';
import { NewInviteBox } from '../invite/new-invite.tsx';
import { Notice } from '../piece/notice.tsx';
import { nodeIds } from '../state/fleet.ts';
import { invitesFault, readInvites } from '../state/invites.ts';

/** Makes invites, and shows which are open. */
export function AddPage(): JSX.Element {
  const made = useSignal<NewInvite | null>(null);
  // A node that joins spends an invite.
  const joined = useComputed(() => nodeIds.value.length);
  useEffect(() => void readInvites(), [joined.value]);
  return (
    <div class="column">
      <header class="page-head">
        <h1>Add a node</h1>
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
    </div>
  );
}
