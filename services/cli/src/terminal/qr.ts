import { encode, renderUnicodeCompact } from 'uqr';
import type { Paint } from './screen.ts';

const border = 2;

/**
 * The code of `text`, two of its rows in each line; undefined where it is wider than the terminal. Light on dark, whatever the
 * terminal's own colours are. Ends in a line end.
 */
export function qrCode(text: string, width: number, paint: Paint): string | undefined {
  const options = { ecc: 'L', border } as const;
  if (encode(text, options).size > width) return undefined;
  const lines = renderUnicodeCompact(text, options).split('\n');
  return lines.map((line) => `${paint('bgBlack', paint('whiteBright', line))}\n`).join('');
}
