import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { History } from '../api/types.ts';
import { clock, preciseClock } from '../format/time.ts';
import { type Scale, byteSteps, leastTop, plainMark, topOf } from './axis.ts';
import { chartColours } from './colours.ts';
import { type Line, writer } from './readings.ts';

const axisFont = '11px system-ui, sans-serif';
const timeGap = 64;
const valueGap = 34;

/** One cursor over all charts of a page. */
const cursorKey = 'sealcast';

export interface PlotOptions {
  lines: readonly Line[];
  scale: Scale;
  height: number;
  /** Told of the place of the cursor in the data, or null when it has left. */
  onPoint: (index: number | null) => void;
  span: () => { from: number; to: number };
}

// The first line is drawn last, over the others.
function columns(history: History, lines: readonly Line[]): uPlot.AlignedData {
  return [history.at, ...lines.map(({ metric }) => history[metric]).toReversed()];
}

/** A chart with axes, in an element. Colours are read once: for another theme, make another. */
export class Plot {
  readonly #plot: uPlot;
  readonly #lines: readonly Line[];

  constructor(element: HTMLElement, history: History, options: PlotOptions) {
    const { lines, scale, height, onPoint, span } = options;
    this.#lines = lines;
    const colours = chartColours();
    const write = writer(scale);
    const axis: uPlot.Axis = {
      stroke: colours.ink,
      font: axisFont,
      grid: { stroke: colours.rule, width: 1 },
      ticks: { show: false },
    };
    this.#plot = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height,
        ms: 1,
        padding: [8, 4, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          sync: { key: cursorKey },
          drag: { x: false, y: false },
          points: { size: 7, width: 2 },
          focus: { prox: -1 },
        },
        scales: {
          x: {
            time: true,
            range: () => {
              const { from, to } = span();
              return [from, to];
            },
          },
          y: {
            range: (_, __, high) => {
              const top = topOf(high ?? 0, leastTop[scale]);
              return [0, scale === 'percent' ? Math.min(100, top) : top];
            },
          },
        },
        axes: [
          {
            ...axis,
            size: 24,
            gap: 6,
            space: timeGap,
            grid: { show: false },
            values: (_, times, __, ___, step) => times.map((at) => (step < 60_000 ? preciseClock(at) : clock(at))),
          },
          {
            ...axis,
            size: scale === 'rate' ? 76 : 44,
            gap: 6,
            space: valueGap,
            ...(scale === 'rate' ? { incrs: byteSteps } : {}),
            values: (_, marks) => marks.map((mark) => (mark === 0 ? '0' : plainMark(write(mark)))),
          },
        ],
        series: [
          {},
          ...lines
            .map((line, i) => ({
              label: line.label,
              stroke: i === 0 ? colours.first : colours.second,
              ...(i === 0 ? { fill: colours.firstFill } : {}),
              width: 1.5,
              spanGaps: false,
              points: { show: false },
            }))
            .toReversed(),
        ],
        hooks: {
          setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
        },
      },
      columns(history, lines),
      element,
    );
  }

  show(history: History): void {
    this.#plot.setData(columns(history, this.#lines));
  }

  resize(width: number): void {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#plot.height });
  }

  close(): void {
    this.#plot.destroy();
  }
}
