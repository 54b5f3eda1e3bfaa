// The node's side of the protocol's states: joins, lives, rekeys, and joins again after any loss.
import { overlapMs, rejoinMaxMs, rejoinMinMs, rekeyAfterMessages, rekeyAfterMs } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import { BroadcastReader } from '@sealcast/channel/epoch';
import { Refusal, type RefusalCode } from '@sealcast/channel/errors';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import type { Ack, Command, Rotated, Welcome } from '@sealcast/channel/payloads';
import type { OtherMessage, Session, UpMessage } from '@sealcast/channel/session';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import { SendLoop } from '@sealcast/hop/send-loop';
import type { Logger } from '@sealcast/runtime/log';
import { type Master, takeTransportKey } from '../master-file.ts';
import { dataFailureText, failureText } from './failure-text.ts';
import { Hop, type HopState } from './hop.ts';
import { join, JoinError, type Joined } from './join.ts';
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

interface LinkEvents {
  /** A session is live: after a join, not after a rekeying. */
  live: (welcome: Welcome) => void;
  /** A live session has new keys, and the master said again what a WELCOME says. */
  rekeyed: (welcome: Welcome) => void;
  lost: () => void;
  ack: (ack: Ack) => void;
  /** FACTS that were sent have not come to the master. */
  untold: () => void;
  command: (command: Command) => void;
  rotated: (rotated: Rotated) => void;
  refused: (code: RefusalCode) => void;
}

interface Life {
  hop: Hop;
  loop: SendLoop;
  reader: BroadcastReader;
  session: Session;
  /** The one that was rekeyed, while it is still open. */
  older: Session | undefined;
  timers: Set<NodeJS.Timeout>;
  rekeying: boolean;
  /** The sequence of the FACTS that were sent last in `session`; 0 where there are none. */
  toldAt: number;
  /** Whether an ACK came: both ways of the data ports are open. */
  answered: boolean;
  /** Aborted with this life, and what is under way for it. */
  ending: AbortController;
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
    const life = this.#life;
    if (life === undefined) return false;
    try {
      life.loop.send(life.session.seal(message));
      if (message.kind === 'facts') life.toldAt = life.session.sent;
    } catch (error) {
      // It fits no frame or no schema, or the session is worn out: no reason to end what else this node does.
      this.#options.log.error({ err: error, kind: message.kind }, 'a message could not be sealed');
      return false;
    }
    if (life.session.sent >= rekeyAfterMessages || life.session.received >= rekeyAfterMessages) void this.#rekey(life);
    return true;
  }

  /** What was sent is not answered: gives the session up and joins again after a random wait. */
  giveUp(reason: string): void {
    const life = this.#life;
    if (life === undefined) return;
    const { state } = life.hop;
    if (life.answered) this.#options.log.warn({ reason }, 'the link to the master is lost');
    else this.#tellOfData(state);
    this.#lose();
  }

  /** Says goodbye and closes. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#wait);
    const life = this.#life;
    if (life === undefined) return;
    life.ending.abort();
    this.send({ kind: 'leave', body: {} });
    await Promise.race([life.loop.flushed(), new Promise((resolve) => setTimeout(resolve, 500))]);
    // PUSH has no word of what the peer has taken; with no lingering, closing at once would cut the last frame off.
    await new Promise((resolve) => setTimeout(resolve, 50));
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
    this.#joinLater(error instanceof JoinError && error.failure === 'refused');
  }

  #attempt(signal: AbortSignal): Promise<Joined> {
    const { master, identity, nextIdentity, keys, entropy, other, on } = this.#options;
    if (nextIdentity === undefined) this.#showsNext = false;
    const shown = this.#showsNext && nextIdentity !== undefined ? nextIdentity : identity;
    return join({ master, identity: shown, keys, entropy, other, refused: on.refused, signal });
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

  #joinLater(refused = false): void {
    if (this.#stopping.signal.aborted) return;
    const most = refused ? rejoinMaxMs : Math.min(rejoinMaxMs, rejoinMinMs * 2 ** this.#failures);
    this.#failures += 1;
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => void this.#join(), this.#chance() * most);
  }

  #live({ session, welcome }: Joined): void {
    const { master, keys, clock } = this.#options;
    clock.set(welcome.time);
    const reader = new BroadcastReader(master.signing);
    reader.set(welcome.epoch, welcome.key, welcome.head);
    const topics = [session.topic, ...reader.topics(clock.now())];
    const hop = new Hop(master, 'data', keys, topics);
    const loop = new SendLoop(hop.push, (error) =>
      this.#options.log.error({ err: error }, 'a message could not be sent'),
    );
    const life: Life = {
      hop,
      loop,
      reader,
      session,
      older: undefined,
      timers: new Set<NodeJS.Timeout>(),
      rekeying: false,
      toldAt: 0,
      answered: false,
      ending: new AbortController(),
    };
    this.#life = life;
    hop.onLost(() => this.#options.log.debug('a connection to the master broke off'));
    // Whether it ever was let in before: it is not now, and nobody need wait for what can't come.
    hop.onDenied(() => this.#tellOfData('denied'));
    this.#later(life, this.#rekeyWait(), () => void this.#rekey(life));
    void this.#receive(life);
  }

  async #receive(life: Life): Promise<void> {
    for await (const frames of life.hop.sub) {
      try {
        const [topic, frame] = frames;
        if (frames.length !== 2 || topic === undefined || frame === undefined) throw new Refusal('frame.parts');
        this.#open(life, topic, frame);
      } catch (error) {
        if (error instanceof Refusal) this.#options.on.refused?.(error.code);
        else this.#options.log.error({ err: error }, 'a message could not be handled');
      }
      if (this.#life !== life) return;
    }
  }

  #open(life: Life, topic: Buffer, frame: Uint8Array): void {
    const { clock, on } = this.#options;
    const session = [life.session, life.older].find((one) => one !== undefined && topic.equals(one.topic));
    if (session === undefined) {
      const { command } = life.reader.open(topic, frame, clock.now());
      on.command?.(command);
      this.#ask(life, undefined);
      return;
    }
    const before = session.received;
    const message = session.open(frame);
    switch (message.kind) {
      case 'ack':
        // One that was held back on the way would set the clock back, and what has expired would be done.
        if (session === life.session && session.received > before) clock.set(message.body.time);
        this.#answered(life);
        on.ack?.(message.body);
        this.#ask(life, message.body);
        if (session === life.session && (message.body.facts ?? 0) < life.toldAt) on.untold?.();
        return;
      case 'command':
        on.command?.(message.body);
        return;
      case 'epoch':
        this.#advance(life, message.body);
        return;
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

  // A WELCOME alone says nothing of the data ports: as long as they are closed, each join waits longer than the one before.
  #answered(life: Life): void {
    if (life.answered) return;
    life.answered = true;
    this.#failures = 0;
    this.#told = undefined;
  }

  #advance(life: Life, { epoch, key, head }: { epoch: number; key: Uint8Array; head: number }): void {
    const { clock } = this.#options;
    const before = life.reader.topics(clock.now());
    life.reader.advance(epoch, key, head, clock.now());
    for (const topic of life.reader.topics(clock.now())) if (!includes(before, topic)) life.hop.subscribe(topic);
    this.#later(life, overlapMs, () => {
      const still = life.reader.topics(clock.now());
      for (const topic of before) if (!includes(still, topic)) life.hop.unsubscribe(topic);
    });
    this.#ask(life, undefined);
  }

  // A master whose disk was set back counts its epochs from there: what a WELCOME says holds.
  #setEpoch(life: Life, { epoch, key, head }: Welcome): void {
    const { clock } = this.#options;
    const before = life.reader.topics(clock.now());
    life.reader.set(epoch, key, head);
    const now = life.reader.topics(clock.now());
    for (const topic of now) if (!includes(before, topic)) life.hop.subscribe(topic);
    for (const topic of before) if (!includes(now, topic)) life.hop.unsubscribe(topic);
  }

  // What PUB dropped shows as a gap in the broadcast numbers, or as an epoch that the master is past. Each number is asked for
  // once: the master repeats its answers by itself.
  #ask(life: Life, ack: Ack | undefined): void {
    const missing = life.reader.missing(ack?.head ?? life.reader.head);
    const behind = ack !== undefined && ack.epoch !== life.reader.epoch;
    if (missing.length === 0 && !behind) return;
    this.send({ kind: 'ask', body: { epoch: life.reader.epoch, missing } });
  }

  async #rekey(life: Life): Promise<void> {
    if (life.rekeying) return;
    life.rekeying = true;
    const { log, clock, on } = this.#options;
    try {
      const { session, welcome } = await this.#attempt(life.ending.signal);
      if (this.#life !== life) return session.erase();
      clock.set(welcome.time);
      this.#takeKey(welcome);
      life.hop.subscribe(session.topic);
      this.#retire(life, life.session);
      life.session = session;
      life.toldAt = 0;
      if (welcome.epoch > life.reader.epoch) this.#advance(life, welcome);
      else this.#setEpoch(life, welcome);
      this.#later(life, this.#rekeyWait(), () => void this.#rekey(life));
      log.info('the session has new keys');
      this.#heed(() => on.rekeyed?.(welcome));
    } catch (error) {
      if (this.#life !== life) return;
      this.#turn(error);
      if (!(error instanceof JoinError)) log.error({ err: error }, 'rekeying failed');
      this.#later(life, rejoinMinMs + this.#chance() * rejoinMaxMs, () => void this.#rekey(life));
    } finally {
      life.rekeying = false;
    }
  }

  #retire(life: Life, session: Session): void {
    life.older?.erase();
    life.older = session;
    this.#later(life, overlapMs, () => {
      life.hop.unsubscribe(session.topic);
      session.erase();
      if (life.older === session) life.older = undefined;
    });
  }

  #endLife(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#life = undefined;
    life.ending.abort();
    for (const timer of life.timers) clearTimeout(timer);
    life.hop.close();
    life.session.erase();
    life.older?.erase();
  }

  #later(life: Life, ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      life.timers.delete(timer);
      act();
    }, ms);
    life.timers.add(timer);
  }

  #rekeyWait(): number {
    return (this.#options.rekeyMs ?? rekeyAfterMs) * (1 - this.#chance() / 10);
  }

  // From 0 up to 1.
  #chance(): number {
    return Buffer.from(this.#options.entropy.bytes(4)).readUInt32BE() / 2 ** 32;
  }
}

function includes(topics: Uint8Array[], topic: Uint8Array): boolean {
  return topics.some((one) => Buffer.compare(one, topic) === 0);
}
