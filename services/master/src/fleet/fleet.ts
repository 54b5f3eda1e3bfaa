// The fleet as the master knows it: what comes in from the nodes changes it, what a person orders goes out through it.
import { sessionMaxMessages } from '@sealcast/channel/constants';
import { Broadcaster } from '@sealcast/channel/epoch';
import type { Entropy } from '@sealcast/channel/entropy';
import { Refusal } from '@sealcast/channel/errors';
import { readKeyId } from '@sealcast/channel/frame';
import { type Applicant, MasterJoins } from '@sealcast/channel/join-master';
import type { MasterKeys } from '@sealcast/channel/master-keys';
import type { Command, Facts, Welcome } from '@sealcast/channel/payloads';
import type { DownMessage, Message } from '@sealcast/channel/session';
import type { Logger } from '@sealcast/runtime/log';
import type { Store } from '../store/store.ts';
import type { Outlet } from '../transport/transport.ts';
import { CommandDesk } from './command-desk.ts';
import { Enrolment } from './enrolment.ts';
import { Epochs } from './epochs.ts';
import type { Fleet as FleetPort, FleetEvent, Order } from './fleet-port.ts';
import { toHex } from './hex.ts';
import { type LiveSession, LiveSessions } from './live-sessions.ts';
import { commandView, nodeView } from './node-views.ts';
import { FleetNews } from './news.ts';
import { PresenceBook } from './presence.ts';
import { RefusalCounters } from './refusals.ts';
import { ReportInbox } from './report-inbox.ts';
import type { CommandView, NodeView } from './views.ts';

export interface FleetOptions {
  store: Store;
  keys: MasterKeys;
  entropy: Entropy;
  outlet: Outlet;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Seconds, for nodes that are new. */
  reportInterval: number;
}

export class Fleet implements FleetPort {
  readonly #options: FleetOptions;
  readonly #enrolment: Enrolment;
  readonly #joins: MasterJoins;
  readonly #sessions = new LiveSessions();
  readonly #presence = new PresenceBook();
  readonly #refusals = new RefusalCounters();
  readonly #broadcaster: Broadcaster;
  readonly #epochs: Epochs;
  readonly #desk: CommandDesk;
  readonly #inbox: ReportInbox;
  readonly #news: FleetNews;
  /** By id: looking them up for every receipt of a command would be the work of the whole fleet. */
  readonly #names = new Map<string, string>();

  constructor(options: FleetOptions) {
    const { store, keys, entropy, outlet, log, now, reportInterval } = options;
    this.#options = options;
    this.#enrolment = new Enrolment(store, reportInterval);
    this.#joins = new MasterJoins(
      keys,
      entropy,
      (applicant, nowMs) => this.#enrolment.judge(applicant, nowMs),
      (keyId) => this.#sessions.withKeyId(keyId) !== undefined,
    );
    this.#broadcaster = new Broadcaster(keys, entropy);
    this.#epochs = new Epochs(store, this.#broadcaster, entropy, now());
    this.#desk = new CommandDesk(store, entropy, this.#broadcaster, {
      broadcast: (topic, frame) => outlet.data(topic, frame),
      unicast: (node, command) => this.#unicast(node, command),
      isOpen: (node) => this.#sessions.current(node) !== undefined,
    });
    this.#inbox = new ReportInbox(store, (error) =>
      log.error({ err: error }, 'samples could not be written; they will come again'),
    );
    this.#news = new FleetNews({
      node: (id) => this.node(id),
      command: (id) => this.#commandView(id),
      failed: (error) => log.error({ err: error }, 'the page could not be told'),
    });
    for (const { id, joinedAt, lastSeen, removedAt, facts } of store.roster.all()) {
      if (facts !== null) this.#names.set(id, facts.name);
      if (removedAt === null) this.#presence.know(id, joinedAt, lastSeen);
    }
  }

  /** Whether ZAP may let this CURVE key (32 bytes) to the data ports. */
  admits(hopKey: Uint8Array): boolean {
    return this.#enrolment.admits(hopKey);
  }

  /** A frame from the join port. Throws Refusal. */
  receiveJoin(frame: Uint8Array): void {
    const nowMs = this.#options.now();
    let isNew = false;
    const reply = this.#joins.receive(frame, nowMs, (applicant) => {
      isNew = this.#enrolment.enrol(applicant, nowMs);
      return this.#welcome(applicant, nowMs);
    });
    for (const code of [reply.refused, reply.dropped]) if (code !== undefined) this.refused(new Refusal(code));
    if (reply.joined !== undefined) {
      const node = toHex(reply.joined.applicant.id);
      this.#sessions.open(node, reply.joined.session, nowMs);
      if (isNew) {
        this.#presence.know(node, nowMs, null);
        this.#epochs.memberJoined(nowMs);
      }
      this.#seen(node, nowMs);
      this.#desk.welcomed(node, nowMs);
      this.#options.log.info({ node, new: isNew }, isNew ? 'a new node joined' : 'a node has a new session');
    }
    this.#options.outlet.join(reply.topic, reply.frame);
  }

  /** A frame from the data port. Throws Refusal. */
  receiveData(frame: Uint8Array): void {
    const nowMs = this.#options.now();
    const live = this.#sessions.withKeyId(readKeyId(frame, 'node'));
    if (live === undefined) throw new Refusal('key.unknown');
    const message = live.session.open(frame);
    this.#seen(live.node, nowMs);
    this.#take(live, message, nowMs);
  }

  refused(refusal: Refusal): void {
    this.#refusals.count(refusal.code);
    this.#options.log.debug({ code: refusal.code }, 'a frame was refused');
  }

  /** What time brings: nodes that went away, sessions and epochs that end, commands to repeat. Call it every second. */
  tick(): void {
    const nowMs = this.#options.now();
    this.#sessions.sweep(nowMs);
    for (const node of this.#presence.sweep(nowMs)) {
      this.#options.log.warn({ node }, 'a node went away');
      this.#news.node(node);
    }
    if (this.#epochs.isDue(nowMs)) this.#beginEpoch(nowMs);
    for (const id of this.#desk.repeat(nowMs)) this.#news.command(id);
  }

  /** Writes what is only in memory. Call it before the store closes. */
  stop(): void {
    this.#inbox.flush();
    this.saveLastSeen();
    this.#sessions.closeAll();
    this.#news.stop();
  }

  saveLastSeen(): void {
    const { store } = this.#options;
    store.transaction(() => {
      for (const [id, { lastSeen }] of this.#presence.entries())
        if (lastSeen !== null) store.roster.setSeen(id, lastSeen);
    });
  }

  nodes(): NodeView[] {
    const { store } = this.#options;
    return store.roster
      .all()
      .filter((entry) => entry.removedAt === null)
      .map((entry) => nodeView(entry, store, this.#presence));
  }

  node(id: string): NodeView | undefined {
    const entry = this.#options.store.roster.find(id);
    return entry === undefined || entry.removedAt !== null
      ? undefined
      : nodeView(entry, this.#options.store, this.#presence);
  }

  command(order: Order): CommandView {
    const { now, log } = this.#options;
    const id = this.#desk.issue(order, now());
    const view = this.#commandView(id);
    if (view === undefined) throw new Error('a command that was just written is not there');
    log.info(
      { command: id, by: order.by, action: order.action.type, nodes: view.receipts.length },
      'a command was sent',
    );
    this.#news.command(id);
    if (order.action.type === 'interval') for (const { node } of view.receipts) this.#news.node(node);
    return view;
  }

  commands(limit: number): CommandView[] {
    const { store, now } = this.#options;
    return store.commands.recent(limit).map((record) => commandView(record, this.#names, now()));
  }

  refusals(): Record<string, number> {
    return this.#refusals.counts();
  }

  on(listener: (event: FleetEvent) => void): () => void {
    return this.#news.on(listener);
  }

  #take(live: LiveSession, message: Message, nowMs: number): void {
    const { node } = live;
    switch (message.kind) {
      case 'report': {
        const samples = message.body.samples.map((sample) => ({ ...sample, at: Math.min(sample.at, nowMs) }));
        this.#inbox.add({ node, stored: () => this.#acknowledge(node, samples.length > 0) }, samples);
        return;
      }
      case 'facts':
        this.#learn(node, message.body);
        return;
      case 'receipt':
        if (this.#desk.receipt(node, message.body, nowMs)) this.#news.command(toHex(message.body.command));
        return;
      case 'ask':
        if (message.body.epoch !== this.#epochs.current.epoch) this.#sendEpoch(live);
        this.#desk.answer(node, message.body.missing, nowMs);
        return;
      case 'leave':
        // One that was held back, and came under an older session, says nothing of the present.
        if (this.#sessions.current(node) !== live) return;
        this.#presence.left(node, nowMs);
        this.#sessions.close(node);
        this.#options.log.info({ node }, 'a node stopped');
        this.#news.node(node);
        return;
      case 'rotate':
      case 'ack':
      case 'command':
      case 'epoch':
      case 'rotated':
      case 'other':
        throw new Refusal('frame.kind');
    }
  }

  #welcome(applicant: Applicant, nowMs: number): Welcome {
    const { store } = this.#options;
    const id = toHex(applicant.id);
    const { epoch, key } = this.#epochs.current;
    const interval = store.roster.find(id)?.interval ?? this.#options.reportInterval;
    return { epoch, key, head: this.#epochs.head, through: store.samples.through(id), time: nowMs, interval };
  }

  #acknowledge(node: string, news: boolean): void {
    const live = this.#sessions.current(node);
    if (live === undefined) return;
    const through = this.#options.store.samples.through(node);
    const body = { through, head: this.#epochs.head, epoch: this.#epochs.current.epoch, time: this.#options.now() };
    this.#sendDown(live, { kind: 'ack', body });
    if (news) this.#news.node(node);
  }

  #learn(node: string, facts: Facts): void {
    this.#options.store.roster.setFacts(node, facts);
    this.#names.set(node, facts.name);
    this.#news.node(node);
  }

  #beginEpoch(nowMs: number): void {
    const { epoch } = this.#epochs.begin(nowMs);
    for (const live of this.#sessions.all()) this.#sendEpoch(live);
    this.#options.log.info({ epoch }, 'a new epoch began');
  }

  #sendEpoch(live: LiveSession): void {
    const { epoch, key } = this.#epochs.current;
    this.#sendDown(live, { kind: 'epoch', body: { epoch, key, head: this.#epochs.head } });
  }

  #unicast(node: string, command: Command): void {
    const live = this.#sessions.current(node);
    if (live !== undefined) this.#sendDown(live, { kind: 'command', body: command });
  }

  // A session that is worn out ends here, and its node joins again: what it should have had is repeated then.
  #sendDown({ node, session }: LiveSession, message: DownMessage): void {
    if (session.sent >= sessionMaxMessages) this.#sessions.close(node);
    else this.#options.outlet.data(session.topic, session.seal(message));
  }

  #seen(node: string, nowMs: number): void {
    if (this.#presence.seen(node, nowMs)) this.#news.node(node);
  }

  #commandView(id: string): CommandView | undefined {
    const { store, now } = this.#options;
    const record = store.commands.find(id);
    return record === undefined ? undefined : commandView(record, this.#names, now());
  }
}
