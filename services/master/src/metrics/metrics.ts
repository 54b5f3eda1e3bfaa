// What Prometheus is told. Making it costs the more, the more nodes there are: what was made is told again for a while, so that
// whoever asks without end takes a tenth of a core at most.
import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import type { NodeView } from '../fleet/views.ts';
import type { MasterFigures } from './figures.ts';
import { masterMetrics } from './master-metrics.ts';
import { nodeMetrics } from './node-metrics.ts';

export interface MetricsSources {
  nodes: () => readonly NodeView[];
  figures: () => MasterFigures;
  /** Milliseconds since 1970. */
  now: () => number;
}

const keptMs = 1000;
const restPerWork = 9;
/** Gauges that are called totals, and a type in a name: Prometheus' own check is right to mind. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_eventloop_utilization_histogram',
  'nodejs_eventloop_utilization_summary',
];

export class Metrics {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #setNodes = nodeMetrics(this.#registry);
  readonly #setMaster = masterMetrics(this.#registry);
  #text: Promise<string> | undefined;
  #keptUntil = 0;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format 0.0.4. */
  text(): Promise<string> {
    if (this.#text === undefined || performance.now() >= this.#keptUntil) {
      this.#keptUntil = Number.POSITIVE_INFINITY;
      this.#text = this.#make();
    }
    return this.#text;
  }

  async #make(): Promise<string> {
    const { nodes, figures, now } = this.#sources;
    const startedAt = performance.now();
    try {
      const all = nodes();
      this.#setNodes(all, now());
      this.#setMaster(figures(), all);
      return await this.#registry.metrics();
    } finally {
      const endedAt = performance.now();
      this.#keptUntil = endedAt + Math.max(keptMs, restPerWork * (endedAt - startedAt));
    }
  }
}
