import { sessionBurst, sessionRate } from './constants.ts';

/** What a session may say (PROTOCOL.md, Allowance): `sessionBurst` messages at once, `sessionRate` a second in the long run. */
export class Allowance {
  #left = sessionBurst;
  #atMs: number;

  /** @param nowMs of any clock; one that goes back gives nothing and takes nothing */
  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Whether one more message is allowed; counts it, if it is. */
  take(nowMs: number): boolean {
    const gained = (Math.max(0, nowMs - this.#atMs) * sessionRate) / 1000;
    this.#left = Math.min(sessionBurst, this.#left + gained);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
