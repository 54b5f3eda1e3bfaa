import { type ReadonlySignal, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { preciseClock } from '../format/time.ts';
import type { Track } from '../state/histories.ts';
import { theme } from '../state/theme.ts';
import type { Scale } from './axis.ts';
import type { Plot } from './plot.ts';
import type { Row } from '../series/columns.ts';
import { inWords, type Line, write } from './readings.ts';
import { spanOf } from './span.ts';

const height = 168;

/** A chart with axes of one or two metrics; its heading shows the values at the cursor, or the newest. */
export function TimeChart(props: {
  label: string;
  lines: readonly Line[];
  scale: Scale;
  track: ReadonlySignal<Track | undefined>;
  /** What holds now; null where that is not known. */
  latest: Row | null;
}): JSX.Element {
  const { label, lines, scale, track, latest } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const point = useSignal<number | null>(null);
  const source = track.value;
  void source?.version.value;
  const history = source?.history;
  const at = point.value === null ? undefined : history?.at[point.value];
  const status = source?.status.value ?? 'loading';

  // The plotting code is not needed before the first node is looked at.
  useSignalEffect(() => {
    void theme.value;
    const shown = track.value;
    const element = place.current;
    if (!shown || !element) return undefined;
    let closed = false;
    const make = async () => {
      const { Plot: Drawn } = await import('./plot.ts');
      if (closed) return;
      plot.current = new Drawn(element, shown.history, {
        lines,
        scale,
        height,
        span: () => spanOf(shown),
        onPoint: (index) => {
          point.value = index;
        },
      });
    };
    void make();
    return () => {
      closed = true;
      plot.current?.close();
      plot.current = undefined;
    };
  });

  useSignalEffect(() => {
    const shown = track.value;
    void shown?.version.value;
    if (shown) plot.current?.show(shown.history);
  });

  useEffect(() => {
    if (!place.current) return undefined;
    const observer = new ResizeObserver(([entry]) => plot.current?.resize(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);

  return (
    <figure class="chart" role="group" aria-label={history ? inWords(label, lines, history, latest, scale) : label}>
      <figcaption aria-hidden="true">
        <span class="chart-label">{label}</span>
        {at !== undefined && <span class="chart-time">{preciseClock(at)}</span>}
        <span class="chart-values">
          {lines.map(({ metric, label: name }, i) => (
            <span key={metric} class="chart-value">
              {lines.length > 1 && <span class={`key ${i === 0 ? 'first' : 'second'}`} />}
              {lines.length > 1 && <span class="quiet">{name}</span>}
              <b>{history && write(scale, point.value === null ? latest?.[metric] : history[metric][point.value])}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div class="chart-place" ref={place} aria-hidden="true" />
      {status === 'failed' && <p class="chart-over">The history could not be read.</p>}
      {status === 'ready' && history?.at.length === 0 && <p class="chart-over">Nothing in this time.</p>}
    </figure>
  );
}
