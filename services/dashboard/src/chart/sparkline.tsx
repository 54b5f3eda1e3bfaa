import { computed, type ReadonlySignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Metric } from '../api/types.ts';
import { now } from '../state/clock.ts';
import type { Track } from '../state/histories.ts';
import { theme } from '../state/theme.ts';
import { leastTop } from './axis.ts';
import { chartColours } from './colours.ts';
import { drawSparkline } from './draw-sparkline.ts';
import { spanOf } from './span.ts';

/** Often enough that the line of a silent node moves on. */
const stepMs = 20_000;
const step = computed(() => Math.floor(now.value / stepMs));

export function highest(track: Track, metrics: readonly Metric[]): number {
  return metrics.reduce(
    (most, metric) => track.history[metric].reduce<number>((high, value) => Math.max(high, value ?? 0), most),
    0,
  );
}

/** The last hour of one or two metrics as a small line. Values and words stand beside it: it is not read out. */
export function Sparkline(props: {
  track: ReadonlySignal<Track | undefined>;
  visible: ReadonlySignal<boolean>;
  metrics: readonly [Metric] | readonly [Metric, Metric];
  percent: boolean;
}): JSX.Element {
  const { track, visible, metrics, percent } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const draw = useRef(() => {});

  draw.current = () => {
    const source = track.peek();
    if (!canvas.current || !source) return;
    drawSparkline(
      canvas.current,
      metrics.map((metric) => ({ at: source.history.at, values: source.history[metric] })),
      {
        ...spanOf(source),
        top: percent ? leastTop.percent : Math.max(leastTop.rate, highest(source, metrics)),
        colours: chartColours(),
      },
    );
  };

  useSignalEffect(() => {
    void [track.value?.version.value, step.value, theme.value];
    if (visible.value) draw.current();
  });

  useEffect(() => {
    if (!canvas.current) return undefined;
    const observer = new ResizeObserver(() => draw.current());
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);

  return <canvas class="spark" ref={canvas} aria-hidden="true" />;
}
