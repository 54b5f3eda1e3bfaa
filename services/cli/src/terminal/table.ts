// Rows in columns, as wide as what stands in them, and no wider than the terminal.
import stringWidth from 'string-width';
import type { Paint } from './screen.ts';

export interface Cell {
  text: string;
  /** Applied after the cell has its width. */
  style?: Parameters<Paint>[0];
}

export interface Column {
  title: string;
  align?: 'right';
  /** What gives way first where it is narrow, with the least that it keeps. Others keep their width. */
  shrinksTo?: number;
  /** Where that is not enough it goes altogether, the highest number first. */
  spare?: number;
}

const gap = 2;

/** Ends in a line end. Titles alone where there are no rows. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint,
): string {
  const all = columns.map((column, at) => ({ ...column, cells: rows.map((row) => row[at] ?? { text: '' }) }));
  const shown = fitting(all, width);
  const titles = shown.map(({ title, width: wide, align }) =>
    padded({ text: title, style: 'dim' }, wide, align, paint),
  );
  const lines = rows.map((_, row) =>
    shown.map(({ cells, width: wide, align }) => padded(cells[row] ?? { text: '' }, wide, align, paint)),
  );
  return [titles, ...lines].map((cells) => `${cells.join(' '.repeat(gap)).trimEnd()}\n`).join('');
}

function padded({ text, style }: Cell, width: number, align: Column['align'], paint: Paint): string {
  const cut = truncated(text, width);
  const pad = ' '.repeat(Math.max(0, width - stringWidth(cut)));
  const styled = style === undefined ? cut : paint(style, cut);
  return align === 'right' ? pad + styled : styled + pad;
}

type Filled = Column & { cells: readonly Cell[] };

function fitting(columns: readonly Filled[], width: number): (Filled & { width: number })[] {
  const wide = columns.map((column) => ({
    ...column,
    width: Math.max(stringWidth(column.title), ...column.cells.map(({ text }) => stringWidth(text))),
  }));
  let over = wide.reduce((sum, column) => sum + column.width, gap * (wide.length - 1)) - width;
  for (const column of wide) {
    if (over <= 0 || column.shrinksTo === undefined) continue;
    const narrower = Math.max(Math.min(column.shrinksTo, column.width), column.width - over);
    over -= column.width - narrower;
    column.width = narrower;
  }
  const spare = Math.max(...columns.map((column) => column.spare ?? 0));
  return over <= 0 || spare === 0
    ? wide
    : fitting(
        columns.filter((column) => column.spare !== spare),
        width,
      );
}

/** `text` in at most `width` columns; one that is cut ends in `…`. */
export function truncated(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = '';
  let used = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    cut += segment;
  }
  return `${cut}…`;
}
