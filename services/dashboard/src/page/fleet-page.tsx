import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { NodeCard } from '../card/node-card.tsx';
import { Notice } from '../piece/notice.tsx';
import { fleetFault, fleetLoaded, nodeIds, nodeOf } from '../state/fleet.ts';
import { readState } from '../state/live.ts';
import { links } from '../state/route.ts';
import { held, layout, query, shownIds, stateFilter } from '../state/view.ts';
import { NodeTable } from './node-table.tsx';
import { Summary } from './summary.tsx';
import { Toolbar } from './toolbar.tsx';

function Waiting(): JSX.Element {
  return (
    <div class="cards" role="status" aria-label="Reading the fleet">
      {[0, 1, 2, 3, 4, 5].map((i) => (
        <div key={i} class="card skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

function NoNodes(): JSX.Element {
  return (
    <section class="blank">
      <h2>No nodes yet</h2>
      <p>
        A node is a small program on a machine that you want to see here. Each one joins with an invite of its own: one
        line to paste, good for one machine and a limited time.
      </p>
      <ol>
        <li>Make an invite.</li>
        <li>Run the line that comes with it on the machine.</li>
        <li>The node appears here by itself, within seconds.</li>
      </ol>
      <a class="button primary" href={links.add}>
        Add a node
      </a>
    </section>
  );
}

function NoMatch(): JSX.Element {
  return (
    <section class="blank">
      <h2>No node matches</h2>
      <p>
        {query.value.trim() === '' ? (
          <>No node is in this state.</>
        ) : (
          <>
            Nothing is found for <q>{query.value.trim()}</q>
            {stateFilter.value === 'all' ? '.' : ' among the nodes in this state.'}
          </>
        )}
      </p>
      <button
        type="button"
        class="button"
        onClick={() => {
          query.value = '';
          stateFilter.value = 'all';
        }}
      >
        Show all nodes
      </button>
    </section>
  );
}

/** Pixels. A few cards do not stretch over a wide screen. */
const widestCard = 480;

function Nodes(): JSX.Element {
  useEffect(
    () => () => {
      held.value = false;
    },
    [],
  );
  if (shownIds.value.length === 0) return <NoMatch />;
  return (
    <div
      onPointerEnter={() => {
        held.value = true;
      }}
      onPointerLeave={() => {
        held.value = false;
      }}
    >
      {layout.value === 'table' ? (
        <NodeTable />
      ) : (
        <div class="cards" style={{ maxWidth: `${shownIds.value.length * widestCard}px` }}>
          {shownIds.value.map((id) => {
            const node = nodeOf(id);
            return node && <NodeCard key={id} node={node} />;
          })}
        </div>
      )}
    </div>
  );
}

export function FleetPage(): JSX.Element {
  return (
    <>
      <h1 class="unseen">Fleet</h1>
      {fleetFault.value !== null && (
        <Notice fault action={{ label: 'Try again', run: () => void readState() }}>
          The fleet could not be read. {fleetFault.value}
        </Notice>
      )}
      {!fleetLoaded.value ? (
        fleetFault.value === null && <Waiting />
      ) : nodeIds.value.length === 0 ? (
        <NoNodes />
      ) : (
        <>
          <Summary />
          <Toolbar />
          <Nodes />
        </>
      )}
    </>
  );
}
