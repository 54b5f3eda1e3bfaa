import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { StateMark } from '../piece/state-mark.tsx';
import { count } from '../format/quantity.ts';
import { audience, folded, picked, pickedHere, togglePicked } from '../state/draft.ts';
import { allNodes } from '../state/fleet.ts';
import { compareNodes, matches } from '../state/ordering.ts';
import { route } from '../state/route.ts';

function PickList(): JSX.Element {
  const words = useSignal('');
  const found = allNodes.value.filter((node) => matches(node, words.value)).toSorted(compareNodes('name'));
  return (
    <div class="pick">
      <label>
        <span class="unseen">Find nodes to pick</span>
        <input
          type="search"
          placeholder="Find nodes"
          value={words.value}
          onInput={(event) => {
            words.value = event.currentTarget.value;
          }}
        />
      </label>
      <ul class="pick-list" aria-label="Nodes to pick">
        {found.map((node) => (
          <li key={node.id}>
            <label title={node.name}>
              <input type="checkbox" checked={picked.value.has(node.id)} onChange={() => togglePicked(node.id)} />
              <StateMark state={node.state} />
              <span class="pick-name">{node.name}</span>
            </label>
          </li>
        ))}
        {found.length === 0 && <li class="quiet">No node matches.</li>}
      </ul>
      <p class="pick-foot">
        <span class="quiet">{count(pickedHere.value.length, 'node')} picked</span>
        {pickedHere.value.length > 0 && (
          <button
            type="button"
            class="link"
            onClick={() => {
              picked.value = new Set();
            }}
          >
            Clear
          </button>
        )}
      </p>
    </div>
  );
}

/** To whom: everyone, or nodes picked here or on the fleet's page. */
export function Audience(): JSX.Element {
  const everyone = audience.value === 'everyone';
  return (
    <fieldset class="audience">
      <legend>To</legend>
      <label class="option">
        <input
          type="radio"
          name="audience"
          checked={everyone}
          onChange={() => {
            audience.value = 'everyone';
          }}
        />
        Everyone <span class="quiet">{count(allNodes.value.length, 'node')}</span>
      </label>
      <label class="option">
        <input
          type="radio"
          name="audience"
          checked={!everyone}
          onChange={() => {
            audience.value = 'picked';
          }}
        />
        Picked nodes{' '}
        <span class="quiet">{pickedHere.value.length > 0 ? count(pickedHere.value.length, 'node') : ''}</span>
      </label>
      {!everyone && (
        <>
          {route.value.page === 'fleet' && (
            <p class="hint">
              <span class="for-wide">Click nodes on the page, or pick them here.</span>
              <button
                type="button"
                class="button small for-narrow"
                onClick={() => {
                  folded.value = true;
                }}
              >
                Pick on the page
              </button>
            </p>
          )}
          <PickList />
        </>
      )}
    </fieldset>
  );
}
