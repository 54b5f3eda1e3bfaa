import type { Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { NodeView } from '../api/types.ts';
import { celsius, percent, rate } from '../format/quantity.ts';
import { uptime } from '../format/time.ts';
import { Meter, Value } from '../piece/figure.tsx';
import { levelOf } from '../piece/levels.ts';
import { machineLine } from '../piece/machine-line.ts';
import { Absence, StateMark } from '../piece/state-mark.tsx';
import { fullestDisk, rowOf } from '../series/columns.ts';
import { picked, picking, togglePicked } from '../state/draft.ts';
import { nodeOf } from '../state/fleet.ts';
import type { Order } from '../state/ordering.ts';
import { links } from '../state/route.ts';
import { order, shownIds } from '../state/view.ts';

function Share({ what, value }: { what: 'cpu' | 'memory' | 'disk'; value: number | null }): JSX.Element {
  if (value === null) return <td class="number">–</td>;
  return (
    <td class="number">
      <span class="share">
        <Value level={levelOf(what, value)}>{percent(value)}</Value>
        <Meter share={value} level={levelOf(what, value)} />
      </span>
    </td>
  );
}

function NodeRow({ node: source }: { node: Signal<NodeView> }): JSX.Element {
  const node = source.value;
  const { sample } = node;
  const row = sample ? rowOf(sample) : null;
  const alive = node.state === 'alive';
  const chosen = picking.value && picked.value.has(node.id);
  return (
    <tr class={`${node.state}${chosen ? ' picked' : ''}`}>
      <th scope="row">
        <span class="row-name">
          <StateMark state={node.state} />
          {picking.value ? (
            <label class="row-cover" title={node.name}>
              <input type="checkbox" checked={picked.value.has(node.id)} onChange={() => togglePicked(node.id)} />
              {node.name}
            </label>
          ) : (
            <a class="row-cover" href={links.node(node.id)} title={node.name}>
              {node.name}
            </a>
          )}
          {node.cloned && (
            <span class="row-alarm sign" role="img" aria-label="another machine uses its identity">
              ◆
            </span>
          )}
        </span>
      </th>
      <td class="row-machine wide" title={machineLine(node)}>
        {node.cloned ? (
          <span class="row-alarm">Another machine uses its identity</span>
        ) : alive ? (
          machineLine(node)
        ) : (
          <Absence node={node} />
        )}
      </td>
      <Share what="cpu" value={row?.cpu ?? null} />
      <Share what="memory" value={row?.memory ?? null} />
      <Share what="disk" value={(sample && fullestDisk(sample)?.share) ?? null} />
      <td class="number wide">{row?.received === undefined || row.received === null ? '–' : rate(row.received)}</td>
      <td class="number wide">{row?.sent === undefined || row.sent === null ? '–' : rate(row.sent)}</td>
      <td class="number wide">
        {row?.temperature === undefined || row.temperature === null ? (
          '–'
        ) : (
          <Value level={levelOf('temperature', row.temperature)}>{celsius(row.temperature)}</Value>
        )}
      </td>
      <td class="number wide">{alive && sample ? uptime(sample.uptime) : '–'}</td>
    </tr>
  );
}

function SortHead({ by, children }: { by: Order; children: ComponentChildren }): JSX.Element {
  const sorted = order.value === by;
  const direction = by === 'name' ? 'ascending' : 'descending';
  return (
    <th scope="col" class={by === 'name' ? '' : 'number'} aria-sort={sorted ? direction : 'none'}>
      <button
        type="button"
        onClick={() => {
          order.value = by;
        }}
      >
        {children}
        <span class="sort-sign" aria-hidden="true">
          {sorted ? (by === 'name' ? '↑' : '↓') : ''}
        </span>
      </button>
    </th>
  );
}

/** The fleet, a line a node. */
export function NodeTable(): JSX.Element {
  return (
    <div class="sheet">
      <table class="node-table">
        <caption class="unseen">Nodes</caption>
        <thead>
          <tr>
            <SortHead by="name">Name</SortHead>
            <th scope="col" class="wide">
              System
            </th>
            <SortHead by="cpu">CPU</SortHead>
            <SortHead by="memory">Memory</SortHead>
            <SortHead by="disk">Disk</SortHead>
            <th scope="col" class="number wide">
              In
            </th>
            <th scope="col" class="number wide">
              Out
            </th>
            <th scope="col" class="number wide">
              Temp
            </th>
            <th scope="col" class="number wide">
              Up
            </th>
          </tr>
        </thead>
        <tbody>
          {shownIds.value.map((id) => {
            const node = nodeOf(id);
            return node && <NodeRow key={id} node={node} />;
          })}
        </tbody>
      </table>
    </div>
  );
}
