// When samples are taken: a first one soon, then every so many seconds, without drift.

// Shares and rates need some time to be of; whoever looks at the page should not wait for a whole interval.
const firstAfterMs = 1000;

export class Sampling {
  readonly #take: () => void;
  readonly #first: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #seconds = 0;

  constructor(take: () => void) {
    this.#take = take;
    this.#first = setTimeout(take, firstAfterMs);
  }

  /** From now on every `seconds`; the same again changes nothing. */
  every(seconds: number): void {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#take, seconds * 1000);
  }

  stop(): void {
    clearTimeout(this.#first);
    clearInterval(this.#timer);
    this.#seconds = 0;
  }
}
