import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { NodeView, Sample } from '../api/types.ts';
import { beganAt } from '../chart/began.ts';
import { TimeChart } from '../chart/time-chart.tsx';
import { useTrack } from '../chart/tracks.ts';
import { moment } from '../format/time.ts';
import { Segmented } from '../piece/choice.tsx';
import { rowOf } from '../series/columns.ts';
import { now } from '../state/clock.ts';

const spans = [
  { value: '15', label: '15 min' },
  { value: '60', label: '1 h' },
  { value: '360', label: '6 h' },
  { value: '1440', label: '24 h' },
] as const;

/** The history of a node, as far back as is chosen. */
export function NodeCharts({ node, sample }: { node: NodeView; sample: Sample }): JSX.Element {
  const span = useSignal<(typeof spans)[number]['value']>('60');
  const track = useTrack(node.id, Number(span.value), true);
  const began = beganAt(track.value);
  const shared = { track, latest: node.state === 'alive' ? rowOf(sample) : null };
  const hasSwap = sample.swap.total > 0;
  return (
    <section aria-label="Charts">
      <div class="charts-head">
        <h2>
          History
          {began !== null && (
            <span class="charts-began">only since {moment(began, now.value)}: there is no more yet</span>
          )}
        </h2>
        <Segmented
          legend="How far back"
          name="span"
          value={span.value}
          choices={spans}
          onChoose={(value) => {
            span.value = value;
          }}
        />
      </div>
      <div class="charts">
        <TimeChart label="CPU" scale="percent" {...shared} lines={[{ metric: 'cpu', label: 'CPU' }]} />
        <TimeChart
          key={hasSwap}
          label="Memory"
          scale="percent"
          {...shared}
          lines={[
            { metric: 'memory', label: 'memory' },
            ...(hasSwap ? [{ metric: 'swap', label: 'swap' } as const] : []),
          ]}
        />
        <TimeChart
          label="Network"
          scale="rate"
          {...shared}
          lines={[
            { metric: 'received', label: 'in' },
            { metric: 'sent', label: 'out' },
          ]}
        />
        <TimeChart
          label="Disk I/O"
          scale="rate"
          {...shared}
          lines={[
            { metric: 'read', label: 'read' },
            { metric: 'written', label: 'written' },
          ]}
        />
        <TimeChart label="Load, 1 min" scale="load" {...shared} lines={[{ metric: 'load', label: 'load' }]} />
        {sample.temperatures.length > 0 && (
          <TimeChart
            label="Hottest sensor"
            scale="celsius"
            {...shared}
            lines={[{ metric: 'temperature', label: 'temperature' }]}
          />
        )}
      </div>
    </section>
  );
}
