/**
 * Turns counters that only ever rise into rates. A name that is new, or whose counters went back (a reboot, a device
 * taken out and put in again, a driver that wraps), has a rate of 0 until it has been read twice in a row.
 */
export class Counters {
  #before = new Map<string, readonly number[]>();
  #current = new Map<string, readonly number[]>();
  #at: number | undefined;
  #seconds = 0;

  /** Begins a reading. `now` is monotonic, in ms. */
  begin(now: number): void {
    this.#seconds = this.#at === undefined ? 0 : (now - this.#at) / 1000;
    this.#at = now;
    const emptied = this.#before;
    this.#before = this.#current;
    this.#current = emptied;
    emptied.clear();
  }

  /** What each of a name's counters rose by a second since the reading before. */
  perSecond(name: string, counters: readonly number[]): number[] {
    this.#current.set(name, counters);
    const before = this.#before.get(name);
    if (before === undefined || !(this.#seconds > 0) || counters.some((count, i) => !(count >= (before[i] ?? 0)))) {
      return counters.map(() => 0);
    }
    return counters.map((count, i) => (count - (before[i] ?? 0)) / this.#seconds);
  }
}
