// What happened since the master started, counted.
import type { MasterFigures } from '../metrics/figures.ts';
import type { Order } from './fleet-port.ts';

export class Tallies {
  readonly #joins = { new: 0, known: 0 };
  readonly #commands = new Map<string, MasterFigures['commands'][number]>();

  joined(isNew: boolean): void {
    this.#joins[isNew ? 'new' : 'known'] += 1;
  }

  ordered({ action: { type: action }, targets }: Order): void {
    const to = targets === 'everyone' ? targets : 'some';
    const key = `${action} ${to}`;
    this.#commands.set(key, { action, to, count: (this.#commands.get(key)?.count ?? 0) + 1 });
  }

  counts(): Pick<MasterFigures, 'joins' | 'commands'> {
    return { joins: { ...this.#joins }, commands: [...this.#commands.values()] };
  }
}
