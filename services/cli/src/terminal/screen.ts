// Where a command speaks: what it was asked for goes to standard output, everything else to standard error.
import { styleText } from 'node:util';
import type { ReadStream } from 'node:tty';

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'whiteBright' | 'bgBlack';
export type Paint = (style: Style, text: string) => string;

type Output = NodeJS.WriteStream & { fd: 1 | 2 };

/** NO_COLOR, FORCE_COLOR and TERM=dumb are Node's to know. */
function painter(stream: Output): Paint {
  const coloured = stream.isTTY && stream.hasColors();
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

export class Screen {
  readonly paint: Paint;
  readonly paintError: Paint;
  readonly isTerminal: boolean;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  readonly #out: Output;
  readonly #err: Output;

  constructor(out: Output, err: Output, input: Pick<ReadStream, 'isTTY'>) {
    this.#out = out;
    this.#err = err;
    this.paint = painter(out);
    this.paintError = painter(err);
    this.isTerminal = out.isTTY;
    this.canAsk = input.isTTY && err.isTTY;
  }

  /** Columns; infinite where nobody looks at a width. */
  get width(): number {
    return this.isTerminal ? this.#out.columns : Number.POSITIVE_INFINITY;
  }

  get height(): number {
    return this.isTerminal ? this.#out.rows : Number.POSITIVE_INFINITY;
  }

  write(text: string): void {
    this.#out.write(text);
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, null, this.isTerminal ? 2 : 0));
  }

  note(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Over the line before it, for people alone; '' takes it away. */
  progress(text: string): void {
    if (this.#err.isTTY) this.#err.write(`\r\u001b[K${text}`);
  }
}
