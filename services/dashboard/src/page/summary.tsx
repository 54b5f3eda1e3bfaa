import type { ComponentChildren, JSX } from 'preact';
import type { NodeView } from '../api/types.ts';
import { celsius, count, percent } from '../format/quantity.ts';
import { Value } from '../piece/figure.tsx';
import { levelOf } from '../piece/levels.ts';
import { fullestDisk, hottest, rowOf } from '../series/columns.ts';
import { allNodes } from '../state/fleet.ts';
import { links } from '../state/route.ts';
import { stateFilter } from '../state/view.ts';

interface Leader {
  node: NodeView;
  value: number;
}

function leader(nodes: readonly NodeView[], of: (node: NodeView) => number | null | undefined): Leader | null {
  let found: Leader | null = null;
  for (const node of nodes) {
    const value = of(node);
    if (value !== null && value !== undefined && value > (found?.value ?? -Infinity)) found = { node, value };
  }
  return found;
}

function Figure({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Most(props: {
  label: string;
  leader: Leader | null;
  what: 'cpu' | 'memory' | 'disk' | 'temperature';
  write: (value: number) => string;
  where?: string | undefined;
}): JSX.Element | null {
  const { label, what, write, where } = props;
  if (!props.leader) return null;
  const { node, value } = props.leader;
  return (
    <Figure label={label}>
      <a class="figure-link" href={links.node(node.id)} title={where ? `${node.name}, ${where}` : node.name}>
        <Value level={levelOf(what, value)}>{write(value)}</Value>
        <span class="figure-name">{node.name}</span>
      </a>
    </Figure>
  );
}

/** The state of the whole fleet in one line. */
export function Summary(): JSX.Element {
  const nodes = allNodes.value;
  const alive = nodes.filter((node) => node.state === 'alive');
  const away = nodes.length - alive.length;
  const disk = leader(alive, ({ sample }) => sample && fullestDisk(sample)?.share);
  return (
    <dl class="summary" aria-label="The fleet at a glance">
      <Figure label="Alive">
        <span class="figure-number">{alive.length}</span>
        <span class="figure-name">of {count(nodes.length, 'node')}</span>
      </Figure>
      <Figure label="Away">
        {away === 0 ? (
          <span class="figure-number">0</span>
        ) : (
          <button
            type="button"
            class="figure-link"
            onClick={() => {
              stateFilter.value = 'away';
            }}
          >
            <span class="figure-number absent">
              <span class="mark away" aria-hidden="true" />
              {away}
            </span>
            <span class="figure-name">show</span>
          </button>
        )}
      </Figure>
      <Most label="Busiest CPU" what="cpu" write={percent} leader={leader(alive, ({ sample }) => sample?.cpu)} />
      <Most
        label="Fullest memory"
        what="memory"
        write={percent}
        leader={leader(alive, ({ sample }) => sample && rowOf(sample).memory)}
      />
      <Most
        label="Fullest disk"
        what="disk"
        write={percent}
        leader={disk}
        where={(disk?.node.sample && fullestDisk(disk.node.sample)?.mount) ?? undefined}
      />
      <Most
        label="Hottest"
        what="temperature"
        write={celsius}
        leader={leader(alive, ({ sample }) => sample && hottest(sample)?.celsius)}
      />
    </dl>
  );
}
