import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { renameNode } from '../api/calls.ts';
import type { NodeView } from '../api/types.ts';
import { Confirm } from '../piece/confirm.tsx';
import { Field } from '../piece/field.tsx';
import { Icon } from '../piece/icons.tsx';

/** Names a node as people call it; an empty name lets it be called as it says itself. */
export function NodeName({ node }: { node: NodeView }): JSX.Element {
  const asked = useSignal(false);
  const name = useSignal('');
  return (
    <>
      <button
        type="button"
        class="button"
        aria-haspopup="dialog"
        onClick={() => {
          name.value = node.name;
          asked.value = true;
        }}
      >
        <Icon name="rename" />
        Rename…
      </button>
      {asked.value && (
        <Confirm
          id="rename"
          title={<>Rename {node.name}</>}
          action="Rename node"
          doing="Renaming…"
          run={() => renameNode(node.id, name.value.trim() || null)}
          onClose={() => {
            asked.value = false;
          }}
        >
          <Field id="rename-name" label="Name" hint="Shown here, and in no message to the node. Empty: its host name.">
            <input
              id="rename-name"
              data-first
              aria-describedby="rename-name-hint"
              maxLength={64}
              placeholder={node.facts?.name}
              autocomplete="off"
              value={name.value}
              onFocus={(event) => event.currentTarget.select()}
              onInput={(event) => {
                name.value = event.currentTarget.value;
              }}
            />
          </Field>
        </Confirm>
      )}
    </>
  );
}
