// When samples are taken: every so many seconds, without drift.

export class Sampling {
  readonly #take: () => void;
  #timer: NodeJS.Timeout | undefined;
  #seconds = 0;

  constructor(take: () => void) {
    this.#take = take;
  }

  /** From now on every `seconds`; the same again changes nothing. */
  every(seconds: number): void {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#take, seconds * 1000);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#seconds = 0;
  }
}
