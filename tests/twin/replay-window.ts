// PROTOCOL.md, Replay: every sequence ever taken is remembered; the fast one keeps a bitmap.
import { refuseUnless } from './refused.ts';

const replayWindow = 1024n;

export class ReplayWindow {
  readonly #taken = new Set<bigint>();
  #highest = 0n;

  check(sequence: bigint): void {
    refuseUnless(sequence > this.#highest - replayWindow && !this.#taken.has(sequence), 'sequence.replayed');
  }

  take(sequence: bigint): void {
    this.check(sequence);
    this.#taken.add(sequence);
    if (sequence > this.#highest) this.#highest = sequence;
  }
}
