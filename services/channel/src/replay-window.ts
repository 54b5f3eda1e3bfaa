import { replayWindow } from './constants.ts';

const wordBits = 32;
/** One word more than the window holds, so that a half-used word never falls together with the one it starts anew. */
const words = replayWindow / wordBits + 1;

/**
 * Which sequences were taken, of the newest `replayWindow` (PROTOCOL.md, Replay; RFC 6479, whose ring of words this is).
 * Ask it only about what was authenticated.
 */
export class ReplayWindow {
  #highest = 0;
  readonly #taken = new Uint32Array(words);

  /** The highest sequence taken, 0 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether the sequence is neither taken nor behind the window. Changes nothing. */
  isFresh(sequence: number): boolean {
    if (sequence > this.#highest) return true;
    if (sequence <= this.#highest - replayWindow) return false;
    return !this.#isTaken(sequence);
  }

  /**
   * Takes a sequence, once.
   * @param sequence 1 to 2⁵³−1
   * @returns false where it was taken before or lies behind the window; then nothing has changed
   */
  take(sequence: number): boolean {
    if (!this.isFresh(sequence)) return false;
    if (sequence > this.#highest) this.#moveTo(sequence);
    const index = wordOf(sequence) % words;
    this.#taken[index] = (this.#taken[index] ?? 0) | bitOf(sequence);
    return true;
  }

  #isTaken(sequence: number): boolean {
    return ((this.#taken[wordOf(sequence) % words] ?? 0) & bitOf(sequence)) !== 0;
  }

  #moveTo(sequence: number): void {
    const from = wordOf(this.#highest);
    const steps = Math.min(wordOf(sequence) - from, words);
    for (let step = 1; step <= steps; step++) this.#taken[(from + step) % words] = 0;
    this.#highest = sequence;
  }
}

/** Sequences exceed 32 bits, so that shifts would cut them. */
function wordOf(sequence: number): number {
  return Math.floor(sequence / wordBits);
}

function bitOf(sequence: number): number {
  return 1 << (sequence % wordBits);
}
