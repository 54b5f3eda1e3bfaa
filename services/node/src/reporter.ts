// Samples on their way to the master: the oldest unconfirmed first, one REPORT under way, repeated until it is confirmed.
import {
  ackTimeoutMs,
  ackTries,
  dataFrameMax,
  keepaliveMs,
  reportSamples,
  sessionBurst,
  sessionRate,
} from '@sealcast/channel/constants';
import type { Sample } from '@sealcast/channel/payloads';
import type { UpMessage } from '@sealcast/channel/session';
import type { SpooledSample } from './spool.ts';

// What envelope and CBOR around the samples may take.
const frameOverhead = 1024;
// Of what a session may say (PROTOCOL.md, Allowance), the rest is for what else a node has to say.
const burstReports = sessionBurst / 4;
const paceMs = 2000 / sessionRate;

export interface ReporterOptions {
  spool: { oldest: (count: number, maxBytes: number) => SpooledSample[]; confirm: (through: number) => void };
  /** False where no session is live. */
  send: (message: UpMessage) => boolean;
  /** Places a spooled sample in the master's time. */
  place: (spooled: SpooledSample) => Sample;
  /** No ACK came, `ackTries` times. */
  unanswered: () => void;
}

export class Reporter {
  readonly #options: ReporterOptions;
  #live = false;
  #underWay = false;
  // The number that the report under way ends with; 0 for an empty one, which any ACK answers.
  #last = 0;
  #triesLeft = ackTries;
  #timer: NodeJS.Timeout | undefined;
  // When all that was sent so far would have gone, one every `paceMs`.
  #pacedTo = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** A session is live: sends what waits, and says something at least every `keepaliveMs`. */
  begin(): void {
    this.#live = true;
    this.#underWay = false;
    this.#triesLeft = ackTries;
    this.#send();
  }

  end(): void {
    this.#live = false;
    clearTimeout(this.#timer);
  }

  /** There are new samples in the spool. */
  wake(): void {
    if (this.#live && !this.#underWay) this.#send();
  }

  /** The master holds all samples up to `through`. */
  acknowledged(through: number): void {
    this.#options.spool.confirm(through);
    // The ACKs of a report that was sent again come more than once, and answer no later one.
    if (!this.#live || !this.#underWay || through < this.#last) return;
    this.#underWay = false;
    this.#triesLeft = ackTries;
    if (this.#options.spool.oldest(1, dataFrameMax).length > 0) this.#sendInPace();
    else this.#after(keepaliveMs, () => this.#send());
  }

  #sendInPace(): void {
    const waitMs = this.#pacedTo - nowMs() - burstReports * paceMs;
    if (waitMs <= 0) this.#send();
    else this.#after(waitMs, () => this.#send());
  }

  #send(): void {
    this.#pacedTo = Math.max(this.#pacedTo, nowMs()) + paceMs;
    const samples = this.#options.spool.oldest(reportSamples, dataFrameMax - frameOverhead).map(this.#options.place);
    this.#underWay = true;
    this.#last = samples.at(-1)?.number ?? 0;
    this.#options.send({ kind: 'report', body: { samples } });
    this.#after(ackTimeoutMs, () => this.#missed());
  }

  #missed(): void {
    this.#triesLeft -= 1;
    if (this.#triesLeft > 0) return this.#send();
    this.end();
    this.#options.unanswered();
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}

// The global `performance` would bring ten modules of Node along, for as long as the process runs.
function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
