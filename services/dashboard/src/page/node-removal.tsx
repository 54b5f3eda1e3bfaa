import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { removeNode } from '../api/calls.ts';
import { ApiError } from '../api/request.ts';
import type { NodeView } from '../api/types.ts';
import { removeLine } from '@sealcast/master/install/install-line';
import { Confirm } from '../piece/confirm.tsx';
import { Copied } from '../piece/copied.tsx';
import { Icon } from '../piece/icons.tsx';
import { nodeRemoved } from '../state/fleet.ts';
import { links } from '../state/route.ts';

async function remove(id: string): Promise<void> {
  await removeNode(id).catch((error: unknown) => {
    // Somebody else was faster.
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
  location.hash = links.fleet;
  nodeRemoved(id);
  // The button that had the focus is gone with the page of the node.
  document.querySelector<HTMLElement>('#main')?.focus();
}

/** Takes a node out of the fleet, once it is confirmed. */
export function NodeRemoval({ node }: { node: NodeView }): JSX.Element {
  const asked = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="button danger"
        aria-haspopup="dialog"
        onClick={() => {
          asked.value = true;
        }}
      >
        <Icon name="remove" />
        Remove…
      </button>
      {asked.value && (
        <Confirm
          id="removal"
          title={<>Remove {node.name}?</>}
          action="Remove node"
          doing="Removing…"
          destructive
          run={() => remove(node.id)}
          onClose={() => {
            asked.value = false;
          }}
        >
          <ul class="consequences">
            <li>Its session ends now.</li>
            <li>It can’t come back with this identity, only as a new node with a new invite.</li>
            <li>Its history here goes with it.</li>
            <li>
              Its files on the machine are not deleted, and the program goes on trying until it is taken away there.
            </li>
          </ul>
          <Copied label="Run this on the machine, to take it away" text={removeLine} />
          <p class="hint">A container that you started yourself is stopped and removed as you started it.</p>
        </Confirm>
      )}
    </>
  );
}
