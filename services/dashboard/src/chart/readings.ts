import type { History, Metric } from '../api/types.ts';
import { celsius, percent, rate } from '../format/quantity.ts';
import type { Row } from '../series/columns.ts';
import type { Scale } from './axis.ts';

export interface Line {
  metric: Metric;
  label: string;
}

export function writer(scale: Scale): (value: number) => string {
  if (scale === 'percent') return percent;
  if (scale === 'rate') return rate;
  if (scale === 'celsius') return celsius;
  return (value) => value.toFixed(2);
}

export function write(scale: Scale, value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : writer(scale)(value);
}

/** A chart in words, for those who do not see it. */
export function inWords(
  label: string,
  lines: readonly Line[],
  history: History,
  latest: Row | null,
  scale: Scale,
): string {
  const parts = lines.map(({ metric, label: name }) => {
    const values = history[metric].filter((value) => value !== null);
    if (values.length === 0) return `${name}: nothing known`;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return `${name}: now ${write(scale, latest?.[metric])}, mean ${write(scale, mean)}, from ${write(scale, low)} to ${write(scale, high)}`;
  });
  return `${label}. ${parts.join('. ')}.`;
}
