import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { Metric } from '../api/types.ts';
import { highest, Sparkline } from '../chart/sparkline.tsx';
import { rate } from '../format/quantity.ts';
import type { Track } from '../state/histories.ts';

/** The place of the pointer over a card's charts, and what was measured there. */
export interface Probe {
  index: number;
  /** From the left edge of the charts, 0 to 1. */
  share: number;
}

/** The highest value of the hour: what the upper edge of a line without a fixed scale means. */
function Peak({ track, metrics }: { track: ReadonlySignal<Track | undefined>; metrics: readonly Metric[] }) {
  const source = track.value;
  void source?.version.value;
  const high = source ? highest(source, metrics) : 0;
  return high > 0 ? <span class="peak">peak {rate(high)}</span> : null;
}

/** One measure of a card: its name, its value, and the line of its last hour. */
export function CardRow(props: {
  label: string;
  metrics: readonly [Metric] | readonly [Metric, Metric];
  percent?: boolean;
  /** Said where the peak of the others stands. */
  note?: ComponentChildren;
  track: ReadonlySignal<Track | undefined>;
  visible: ReadonlySignal<boolean>;
  probe: ReadonlySignal<Probe | null>;
  children: ComponentChildren;
}): JSX.Element {
  const { label, metrics, percent = false, note, track, visible, probe, children } = props;
  const at = probe.value;
  return (
    <div class="card-row">
      <dt>
        {label}
        {percent ? note : <Peak track={track} metrics={metrics} />}
      </dt>
      <dd>{children}</dd>
      <dd class="card-spark">
        <Sparkline track={track} visible={visible} metrics={metrics} percent={percent} />
        {at && <span class="card-probe" style={{ left: `${at.share * 100}%` }} />}
      </dd>
    </div>
  );
}
