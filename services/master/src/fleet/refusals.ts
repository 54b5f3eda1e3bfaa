// What was refused, counted by reason. A peer is told nothing; whoever runs the master reads it here.
import { type RefusalCode, refusalCodes } from '@sealcast/channel/errors';

export class RefusalCounters {
  readonly #counts = new Map<RefusalCode, number>(refusalCodes.map((code) => [code, 0]));

  count(code: RefusalCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  /** Every code, those that never came included. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
