// One metric as Prometheus keeps it: its values are set anew for every scrape, so that what is gone is told no more.
import { Counter, Gauge, type Registry } from '@prometheus-io/client';

export type Labels = Readonly<Record<string, string>>;
export type Values = Iterable<readonly [Labels, number]>;

/** @returns what sets all its values; of those with the same labels the last one counts */
export function gauge(registry: Registry, name: string, help: string, labelNames: string[] = []) {
  const metric = new Gauge({ name, help, labelNames, registers: [registry] });
  return (values: Values): void => {
    metric.reset();
    for (const [labels, value] of values) metric.set(labels, value);
  };
}

/** A number that somebody else counts. `name` ends in `_total`. */
export function counter(registry: Registry, name: string, help: string, labelNames: string[] = []) {
  const metric = new Counter({ name, help, labelNames, registers: [registry] });
  return (values: Values): void => {
    metric.reset();
    for (const [labels, value] of values) metric.inc(labels, value);
  };
}
