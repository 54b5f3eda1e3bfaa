// A node's life between joining and the loss of it: the sockets of the data ports, the session at hand, and its new keys.
import { overlapMs, rejoinMaxMs, rejoinMinMs, rekeyAfterMessages, rekeyAfterMs } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import { Refusal, type RefusalCode } from '@sealcast/channel/errors';
import type { Ack, Command, EpochChange, Rotated, Welcome } from '@sealcast/channel/payloads';
import type { OtherMessage, Session, UpMessage } from '@sealcast/channel/session';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import { SendLoop } from '@sealcast/hop/send-loop';
import type { Logger } from '@sealcast/runtime/log';
import type { Master } from '../master-file.ts';
import { chance } from './chance.ts';
import { Epochs } from './epochs.ts';
import { Hop, type HopState } from './hop.ts';
import { JoinError, type Joined } from './join.ts';
import type { MasterClock } from './master-clock.ts';

export interface LifeEvents {
  /** A live session has new keys, and the master said again what a WELCOME says. */
  rekeyed: (welcome: Welcome) => void;
  ack: (ack: Ack) => void;
  /** FACTS that were sent have not come to the master. */
  untold: () => void;
  command: (command: Command) => void;
  rotated: (rotated: Rotated) => void;
  refused: (code: RefusalCode) => void;
}

export interface LifeOptions {
  master: Master;
  keys: HopCredentials;
  entropy: Entropy;
  clock: MasterClock;
  log: Logger;
  on: Partial<LifeEvents>;
  /** How old a session may be, in ms; `rekeyAfterMs` where it is not said. */
  rekeyMs?: number;
  /** Joins anew, beside this life. */
  joinAnew: (signal: AbortSignal) => Promise<Joined>;
  /** The first ACK came: both ways of the data ports are open. */
  answered: () => void;
  /** The hop does not let this node in, whether it ever did before. */
  denied: () => void;
}

export class Life {
  readonly #options: LifeOptions;
  readonly #hop: Hop;
  readonly #loop: SendLoop;
  readonly #epochs: Epochs;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Aborted with this life, and what is under way for it. */
  readonly #ending = new AbortController();
  #session: Session;
  /** The one that was rekeyed, while it is still open. */
  #older: Session | undefined;
  /** The sequence of the FACTS that were sent last in `#session`; 0 where there are none. */
  #toldAt = 0;
  #rekeying = false;
  #answered = false;
  #ended = false;

  constructor({ session, welcome }: Joined, options: LifeOptions) {
    const { master, keys, clock, log } = options;
    this.#options = options;
    this.#session = session;
    clock.set(welcome.time);
    const now = () => clock.now();
    this.#epochs = new Epochs(master.signing, welcome, now, (ms, act) => this.#later(ms, act));
    this.#hop = new Hop(master, 'data', keys, [session.topic, ...this.#epochs.topics()]);
    this.#loop = new SendLoop(this.#hop.push, (error) => log.error({ err: error }, 'a message could not be sent'));
    this.#hop.onLost(() => log.debug('a connection to the master broke off'));
    this.#hop.onDenied(options.denied);
    this.#later(this.#rekeyWait(), () => void this.#rekey());
    void this.#receive();
  }

  /** Whether an ACK came. */
  get answered(): boolean {
    return this.#answered;
  }

  get state(): HopState {
    return this.#hop.state;
  }

  /** False where the message could not be sealed, or this life has ended. */
  send(message: UpMessage | OtherMessage): boolean {
    if (this.#ended) return false;
    try {
      this.#loop.send(this.#session.seal(message));
    } catch (error) {
      // It fits no frame or no schema, or the session is worn out: no reason to end what else this node does.
      this.#options.log.error({ err: error, kind: message.kind }, 'a message could not be sealed');
      return false;
    }
    const { sent, received } = this.#session;
    if (message.kind === 'facts') this.#toldAt = sent;
    if (sent >= rekeyAfterMessages || received >= rekeyAfterMessages) void this.#rekey();
    return true;
  }

  /** Says goodbye; resolves when that is on its way, or half a second has passed. */
  async leave(): Promise<void> {
    this.#ending.abort();
    this.send({ kind: 'leave', body: {} });
    await Promise.race([this.#loop.flushed(), new Promise((resolve) => setTimeout(resolve, 500))]);
    // PUSH has no word of what the peer has taken; with no lingering, closing at once would cut the last frame off.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  end(): void {
    this.#ending.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#ended = true;
    this.#hop.close();
    this.#session.erase();
    this.#older?.erase();
  }

  async #receive(): Promise<void> {
    const { log, on } = this.#options;
    for await (const frames of this.#hop.sub) {
      try {
        const [topic, frame] = frames;
        if (frames.length !== 2 || topic === undefined || frame === undefined) throw new Refusal('frame.parts');
        this.#open(topic, frame);
      } catch (error) {
        if (error instanceof Refusal) on.refused?.(error.code);
        else log.error({ err: error }, 'a message could not be handled');
      }
      if (this.#ended) return;
    }
  }

  #open(topic: Buffer, frame: Uint8Array): void {
    const { clock, on } = this.#options;
    const session = [this.#session, this.#older].find((one) => one !== undefined && topic.equals(one.topic));
    if (session === undefined) {
      on.command?.(this.#epochs.open(topic, frame));
      this.#ask();
      return;
    }
    const before = session.received;
    const message = session.open(frame);
    switch (message.kind) {
      case 'ack':
        // One that was held back on the way would set the clock back, and what has expired would be done.
        if (session === this.#session && session.received > before) clock.set(message.body.time);
        return this.#acknowledged(message.body, session === this.#session);
      case 'command':
        on.command?.(message.body);
        return;
      case 'epoch':
        return this.#advance(message.body);
      case 'rotated':
        on.rotated?.(message.body);
        return;
      case 'report':
      case 'facts':
      case 'receipt':
      case 'ask':
      case 'leave':
      case 'rotate':
      case 'other':
        throw new Refusal('frame.kind');
    }
  }

  #acknowledged(ack: Ack, isOfNewest: boolean): void {
    const { answered, on } = this.#options;
    if (!this.#answered) {
      this.#answered = true;
      answered();
    }
    // Before the next REPORT, so that the ACK of that tells of them.
    if (isOfNewest && (ack.facts ?? 0) < this.#toldAt) on.untold?.();
    on.ack?.(ack);
    this.#ask(ack);
  }

  #advance(epoch: EpochChange): void {
    this.#epochs.advance(epoch, this.#hop);
    this.#ask();
  }

  #ask(ack?: Ack): void {
    const ask = this.#epochs.missing(ack);
    if (ask !== undefined) this.send({ kind: 'ask', body: ask });
  }

  async #rekey(): Promise<void> {
    if (this.#rekeying) return;
    this.#rekeying = true;
    const { joinAnew, log } = this.#options;
    try {
      const joined = await joinAnew(this.#ending.signal);
      if (this.#ended) return joined.session.erase();
      this.#goOver(joined);
      this.#later(this.#rekeyWait(), () => void this.#rekey());
    } catch (error) {
      if (this.#ended) return;
      if (!(error instanceof JoinError)) log.error({ err: error }, 'rekeying failed');
      this.#later(rejoinMinMs + chance(this.#options.entropy) * rejoinMaxMs, () => void this.#rekey());
    } finally {
      this.#rekeying = false;
    }
  }

  #goOver({ session, welcome }: Joined): void {
    const { clock, log, on } = this.#options;
    clock.set(welcome.time);
    this.#hop.subscribe(session.topic);
    this.#retire(this.#session);
    this.#session = session;
    this.#toldAt = 0;
    this.#epochs.welcome(welcome, this.#hop);
    this.#ask();
    log.info('the session has new keys');
    try {
      on.rekeyed?.(welcome);
    } catch (error) {
      // Where the node can't do what it hears of, the link goes on.
      log.error({ err: error }, 'what the link told could not be handled');
    }
  }

  #retire(session: Session): void {
    this.#older?.erase();
    this.#older = session;
    this.#later(overlapMs, () => {
      this.#hop.unsubscribe(session.topic);
      session.erase();
      if (this.#older === session) this.#older = undefined;
    });
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #rekeyWait(): number {
    const { entropy, rekeyMs = rekeyAfterMs } = this.#options;
    return rekeyMs * (1 - chance(entropy) / 10);
  }
}
