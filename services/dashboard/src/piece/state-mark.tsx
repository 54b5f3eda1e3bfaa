import type { JSX } from 'preact';
import type { NodeState, NodeView } from '../api/types.ts';
import { duration, fullMoment, moment } from '../format/time.ts';
import { now } from '../state/clock.ts';

export const stateWords: Record<NodeState, string> = {
  alive: 'Alive',
  away: 'Away',
  never: 'Not heard yet',
};

/** Each state has a shape of its own: a full disc, an empty one, a dotted one. */
export function StateMark({ state }: { state: NodeState }): JSX.Element {
  return <span class={`mark ${state}`} role="img" aria-label={stateWords[state]} title={stateWords[state]} />;
}

/** Since when a node is not there. Ticks. */
export function Absence({ node }: { node: NodeView }): JSX.Element | null {
  if (node.state === 'alive') return null;
  const { keptOut } = node;
  if (keptOut)
    return (
      <span title={fullMoment(keptOut.since)}>
        Joined, but kept out
        <span class="quiet"> · {duration(Math.max(0, now.value - keptOut.since))}</span>
      </span>
    );
  if (node.state === 'never') return <>Has joined, no report yet</>;
  return (
    <span title={fullMoment(node.since)}>
      Away since <time dateTime={new Date(node.since).toISOString()}>{moment(node.since, now.value)}</time>
      <span class="quiet"> · {duration(now.value - node.since)}</span>
    </span>
  );
}
