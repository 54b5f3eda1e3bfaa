// The node's side of the protocol's states: joins, lives, and joins again after any loss.
import { rejoinMaxMs, rejoinMinMs, rejoinUnreachedMaxMs } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import type { Welcome } from '@sealcast/channel/payloads';
import type { OtherMessage, UpMessage } from '@sealcast/channel/session';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import type { Logger } from '@sealcast/runtime/log';
import { type Master, takeTransportKey } from '../master-file.ts';
import { chance } from './chance.ts';
import { dataFailureText, failureText } from './failure-text.ts';
import type { HopState } from './hop.ts';
import { join, JoinError, type Joined } from './join.ts';
import { Life, type LifeEvents } from './life.ts';
import type { MasterClock } from './master-clock.ts';

export interface LinkOptions {
  master: Master;
  identity: NodeIdentity;
  /** The identity that is being taken in its place: who is refused with one of the two tries the other. */
  nextIdentity?: NodeIdentity | undefined;
  keys: HopCredentials;
  entropy: Entropy;
  clock: MasterClock;
  log: Logger;
  on: Partial<LinkEvents>;
  /** Whether OTHER may be sent: by what is no node of a fleet. */
  other?: boolean;
  /** How old a session may be, in ms; `rekeyAfterMs` where it is not said. */
  rekeyMs?: number;
}

interface LinkEvents extends LifeEvents {
  /** A session is live: after a join, not after a rekeying. */
  live: (welcome: Welcome) => void;
  lost: () => void;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #stopping = new AbortController();
  #failures = 0;
  #life: Life | undefined;
  #wait: NodeJS.Timeout | undefined;
  #told: string | undefined;
  #showsNext = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#join();
  }

  /** Seals and sends, where a session is live; false where none is. */
  send(message: UpMessage | OtherMessage): boolean {
    return this.#life?.send(message) ?? false;
  }

  /** What was sent is not answered: gives the session up and joins again after a random wait. */
  giveUp(reason: string): void {
    const life = this.#life;
    if (life === undefined) return;
    if (life.answered) this.#options.log.warn({ reason }, 'the link to the master is lost');
    else this.#tellOfData(life.state);
    this.#lose();
  }

  /** Says goodbye and closes. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#wait);
    await this.#life?.leave();
    this.#endLife();
  }

  async #join(): Promise<void> {
    const { log, on, master } = this.#options;
    const joined = await this.#attempt(this.#stopping.signal).catch((error: unknown) => this.#failed(error));
    if (joined === undefined) return;
    if (this.#stopping.signal.aborted) return joined.session.erase();
    // The code is spent now, and must not leave this machine again.
    master.code = undefined;
    this.#takeKey(joined.welcome);
    try {
      this.#live(joined);
      on.live?.(joined.welcome);
      log.info({ host: master.host, epoch: joined.welcome.epoch }, 'joined the master');
    } catch (error) {
      log.error({ err: error }, 'a session could not begin');
      joined.session.erase();
      this.#lose();
    }
  }

  #lose(): void {
    this.#endLife();
    this.#heed(() => this.#options.on.lost?.());
    this.#joinLater();
  }

  // Where the node can't do what an event asks of it, the link goes on.
  #heed(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.log.error({ err: error }, 'what the link told could not be handled');
    }
  }

  #failed(error: unknown): undefined {
    if (this.#stopping.signal.aborted) return;
    this.#turn(error);
    if (error instanceof JoinError) this.#tell(error.failure, failureText(error.failure, this.#options.master));
    else this.#options.log.error({ err: error }, 'joining failed');
    this.#joinLater(error instanceof JoinError ? error : undefined);
  }

  #attempt(signal: AbortSignal): Promise<Joined> {
    const { master, identity, nextIdentity, keys, entropy, other, on } = this.#options;
    if (nextIdentity === undefined) this.#showsNext = false;
    const shown = this.#showsNext && nextIdentity !== undefined ? nextIdentity : identity;
    return join({ master, identity: shown, keys, entropy, other, refused: on.refused, signal });
  }

  // Beside a life, whose end aborts it.
  async #joinAnew(signal: AbortSignal): Promise<Joined> {
    try {
      const joined = await this.#attempt(signal);
      if (!signal.aborted) this.#takeKey(joined.welcome);
      return joined;
    } catch (error) {
      if (!signal.aborted) this.#turn(error);
      throw error;
    }
  }

  // The master may have the new identity already, or the old one still.
  #turn(error: unknown): void {
    if (error instanceof JoinError && error.failure === 'refused') this.#showsNext = !this.#showsNext;
  }

  #takeKey({ rsa }: Welcome): void {
    const { master, log } = this.#options;
    this.#heed(() => {
      if (takeTransportKey(master, rsa)) log.info('the master has a new RSA key; the next join is under it');
    });
  }

  #tellOfData(state: HopState): void {
    const { master, identity } = this.#options;
    this.#tell(`data ports ${state}`, dataFailureText(state, master, identity.hopKey));
  }

  // The same failure again is not told again: a node may wait for its master for days.
  #tell(failure: string, text: string): void {
    const { log } = this.#options;
    if (failure === this.#told) log.debug({ failure }, text);
    else log.warn({ failure }, text);
    this.#told = failure;
  }

  #joinLater({ failure, wasReached = true }: Partial<JoinError> = {}): void {
    if (this.#stopping.signal.aborted) return;
    const cap = wasReached ? rejoinMaxMs : rejoinUnreachedMaxMs;
    const most = failure === 'refused' ? rejoinMaxMs : Math.min(cap, rejoinMinMs * 2 ** this.#failures);
    this.#failures += 1;
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => void this.#join(), chance(this.#options.entropy) * most);
  }

  #live(joined: Joined): void {
    this.#life = new Life(joined, {
      ...this.#options,
      joinAnew: (signal) => this.#joinAnew(signal),
      // A WELCOME alone says nothing of the data ports: as long as they are closed, each join waits longer than the one before.
      answered: () => {
        this.#failures = 0;
        this.#told = undefined;
      },
      denied: () => this.#tellOfData('denied'),
    });
  }

  #endLife(): void {
    const life = this.#life;
    this.#life = undefined;
    life?.end();
  }
}
