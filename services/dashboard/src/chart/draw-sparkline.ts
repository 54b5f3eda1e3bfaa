import { type Bucket, buckets } from '../series/buckets.ts';
import type { ChartColours } from './colours.ts';

export interface SparkLine {
  at: readonly number[];
  values: readonly (number | null)[];
}

export interface SparkFrame {
  from: number;
  to: number;
  /** The value at the upper edge; the lower is 0. */
  top: number;
  colours: ChartColours;
}

/** CSS pixels for one place of the line. */
const placeWidth = 2;
const lineWidth = 1.5;

function traceRun(
  context: CanvasRenderingContext2D,
  run: Bucket[],
  x: (b: Bucket) => number,
  y: (b: Bucket) => number,
) {
  context.beginPath();
  for (const bucket of run) context.lineTo(x(bucket), y(bucket));
}

/** A point alone between two outages is still something that was heard. */
function stroke(context: CanvasRenderingContext2D, run: Bucket[], x: (b: Bucket) => number, y: (b: Bucket) => number) {
  traceRun(context, run, x, y);
  const [only] = run;
  if (run.length === 1 && only) {
    context.lineTo(x(only) + placeWidth / 2, y(only));
  }
  context.stroke();
}

/** Draws up to two lines on a canvas, sharp on any screen. The first has its area filled up to the highest values. */
export function drawSparkline(canvas: HTMLCanvasElement, lines: readonly SparkLine[], frame: SparkFrame): void {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || width === 0 || height === 0) return;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  context.lineJoin = 'round';
  context.lineCap = 'round';

  const places = Math.max(1, Math.floor(width / placeWidth));
  const floor = height - 0.5;
  const room = height - 1 - lineWidth;
  const x = (bucket: Bucket) => ((bucket.place + 0.5) / places) * width;
  const level = (value: number) => floor - Math.min(1, value / frame.top) * room;
  const runsOf = ({ at, values }: SparkLine) => buckets(at, values, frame.from, frame.to, places);

  context.strokeStyle = frame.colours.rule;
  context.lineWidth = 1;
  context.setLineDash([1, 3]);
  context.beginPath();
  context.moveTo(0, floor);
  context.lineTo(width, floor);
  context.stroke();
  context.setLineDash([]);

  const [first, second] = lines;
  if (second) {
    context.strokeStyle = frame.colours.second;
    context.lineWidth = 1.25;
    for (const run of runsOf(second)) stroke(context, run, x, (bucket) => level(bucket.mean));
  }
  if (!first) return;
  context.strokeStyle = frame.colours.first;
  context.fillStyle = frame.colours.firstFill;
  context.lineWidth = lineWidth;
  for (const run of runsOf(first)) {
    const [left, right] = [run[0], run.at(-1)];
    if (left && right && left !== right) {
      traceRun(context, run, x, (bucket) => level(bucket.high));
      context.lineTo(x(right), floor);
      context.lineTo(x(left), floor);
      context.fill();
    }
    stroke(context, run, x, (bucket) => level(bucket.mean));
  }
}
