import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Segmented } from '../piece/choice.tsx';
import { Icon } from '../piece/icons.tsx';
import { allNodes } from '../state/fleet.ts';
import { audience, picked, picking } from '../state/draft.ts';
import { type Order, orders } from '../state/ordering.ts';
import { layout, order, query, shownIds, stateFilter } from '../state/view.ts';

const orderNames: Record<Order, string> = {
  name: 'Name',
  state: 'State, away first',
  cpu: 'CPU, busiest first',
  memory: 'Memory, fullest first',
  disk: 'Disk, fullest first',
};

function Search(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">Search nodes</span>
      <input
        ref={input}
        type="search"
        placeholder="Name, system, address…"
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') query.value = '';
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

function Tally({ word, number }: { word: string; number: number }): JSX.Element {
  return (
    <>
      {word} <span class="tally">{number}</span>
    </>
  );
}

/** Search, filter, sort and layout of the fleet. */
export function Toolbar(): JSX.Element {
  const nodes = allNodes.value;
  const alive = nodes.filter((node) => node.state === 'alive').length;
  return (
    <div class="toolbar" role="search">
      <Search />
      <Segmented
        legend="Which nodes"
        name="state"
        value={stateFilter.value}
        onChoose={(value) => {
          stateFilter.value = value;
        }}
        choices={[
          { value: 'all', label: <Tally word="All" number={nodes.length} /> },
          { value: 'alive', label: <Tally word="Alive" number={alive} /> },
          { value: 'away', label: <Tally word="Away" number={nodes.length - alive} /> },
        ]}
      />
      {picking.value && (
        <button
          type="button"
          class="button"
          onClick={() => {
            audience.value = 'picked';
            picked.value = new Set([...picked.value, ...shownIds.value]);
          }}
        >
          Pick all shown
        </button>
      )}
      <span class="toolbar-end">
        <label class="select">
          <span class="select-label">Sort</span>
          <select
            value={order.value}
            onChange={(event) => {
              const chosen = orders.find((each) => each === event.currentTarget.value);
              if (chosen) order.value = chosen;
            }}
          >
            {Object.entries(orderNames).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Segmented
          legend="Layout"
          name="layout"
          value={layout.value}
          onChoose={(value) => {
            layout.value = value;
          }}
          choices={[
            { value: 'cards', name: 'Cards', label: <Icon name="fleet" /> },
            { value: 'table', name: 'Table', label: <Icon name="table" /> },
          ]}
        />
      </span>
    </div>
  );
}
