import type { JSX } from 'preact';
import type { NodeView } from '../api/types.ts';
import { duration } from '../format/time.ts';
import { Ago } from '../piece/ago.tsx';
import { Icon } from '../piece/icons.tsx';
import { machineLine } from '../piece/machine-line.ts';
import { Absence, StateMark, stateWords } from '../piece/state-mark.tsx';
import { NodePolicy } from '../policy/node-policy.tsx';
import { compose } from '../state/draft.ts';
import { fleetLoaded, nodeIds, nodeOf, wasRemoved } from '../state/fleet.ts';
import { links } from '../state/route.ts';
import { NodeClone } from './node-clone.tsx';
import { NodeCharts } from './node-charts.tsx';
import { NodeFacts } from './node-facts.tsx';
import { NodeKeptOut } from './node-kept-out.tsx';
import { NodeFigures } from './node-figures.tsx';
import { NodeName } from './node-name.tsx';
import { Cores, Disks, DiskTraffic, Interfaces, Temperatures } from './node-parts.tsx';
import { NodeRemoval } from './node-removal.tsx';

function Head({ node }: { node: NodeView }): JSX.Element {
  return (
    <header class="node-head">
      <a class="back" href={links.fleet}>
        <Icon name="back" />
        Fleet
      </a>
      <div class="node-title">
        <h1>
          <StateMark state={node.state} />
          {node.name}
        </h1>
        {node.facts && node.facts.name !== node.name && <p class="node-line">Host name {node.facts.name}</p>}
        <p class="node-line">{machineLine(node)}</p>
        <p class="node-line">
          {node.state === 'alive' ? (
            <>
              {stateWords.alive}
              {node.lastSeen !== null && (
                <>
                  , reported <Ago at={node.lastSeen} />
                </>
              )}
              {', every '}
              {duration(node.interval * 1000)}
            </>
          ) : (
            <span class="card-absence">
              <Absence node={node} />
            </span>
          )}
        </p>
      </div>
      <div class="node-acts">
        <button type="button" class="button" onClick={() => compose([node.id])}>
          <Icon name="broadcast" />
          Broadcast to it
        </button>
        <NodeName node={node} />
        <NodeRemoval node={node} />
      </div>
    </header>
  );
}

/** Everything about one node. */
export function NodePage({ id }: { id: string }): JSX.Element {
  // A node that joins while its page is open appears.
  const node = nodeIds.value.includes(id) ? nodeOf(id)?.value : undefined;
  if (!node) {
    return (
      <section class="blank">
        {wasRemoved(id) ? (
          <h2>This node was removed</h2>
        ) : (
          <h2>{fleetLoaded.value ? 'No such node' : 'Reading the fleet…'}</h2>
        )}
        {fleetLoaded.value && !wasRemoved(id) && <p>It may have been removed.</p>}
        <a class="button" href={links.fleet}>
          To the fleet
        </a>
      </section>
    );
  }
  const { sample } = node;
  return (
    <article class="node-page">
      <Head node={node} />
      <NodeClone node={node} />
      <NodeKeptOut node={node} />
      {sample && <NodeFigures sample={sample} aged={node.state !== 'alive'} />}
      {sample && <NodeCharts node={node} sample={sample} />}
      <div class="parts">
        {sample && (
          <>
            <Cores sample={sample} />
            <Disks sample={sample} />
            <DiskTraffic sample={sample} />
            <Interfaces sample={sample} />
            <Temperatures sample={sample} />
          </>
        )}
        {node.facts?.policy && <NodePolicy policy={node.facts.policy} />}
        <section class="part">
          <h2>Machine</h2>
          <NodeFacts node={node} />
        </section>
      </div>
    </article>
  );
}
