// What the page is told of the fleet as it happens. Nothing is put together while nobody listens, and what changes many times at
// once is told once.
import type { FleetEvent } from './fleet-port.ts';
import type { CommandView, NodeView, TransportView } from './views.ts';

const gatherMs = 100;

export interface NewsSources {
  node: (id: string) => NodeView | undefined;
  command: (id: string) => CommandView | undefined;
  /** Hears of what could not be told. */
  failed: (error: unknown) => void;
}

export class FleetNews {
  readonly #sources: NewsSources;
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  readonly #nodes = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #commands = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(sources: NewsSources) {
    this.#sources = sources;
  }

  on(listener: (event: FleetEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  node(id: string): void {
    this.#gather(this.#nodes, id);
  }

  removed(id: string): void {
    this.#gather(this.#removed, id);
  }

  /** Told at once. */
  transport(transport: TransportView): void {
    this.#send({ type: 'transport', transport });
  }

  command(id: string): void {
    this.#gather(this.#commands, id);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #gather(ids: Set<string>, id: string): void {
    if (this.#listeners.size === 0) return;
    ids.add(id);
    this.#timer ??= setTimeout(() => this.#tell(), gatherMs);
  }

  #tell(): void {
    this.#timer = undefined;
    try {
      for (const node of taken(this.#nodes, this.#sources.node)) this.#send({ type: 'node', node });
      for (const id of this.#removed) this.#send({ type: 'removed', id });
      this.#removed.clear();
      for (const command of taken(this.#commands, this.#sources.command)) this.#send({ type: 'command', command });
    } catch (error) {
      this.#sources.failed(error);
    }
  }

  #send(event: FleetEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function taken<View>(ids: Set<string>, view: (id: string) => View | undefined): View[] {
  const views = [...ids].map(view).filter((one) => one !== undefined);
  ids.clear();
  return views;
}
