// The fleet as the master knows it: what comes in from the nodes changes it, what a person orders goes out through it.
import { Refusal } from '@sealcast/channel/errors';
import { readKeyId } from '@sealcast/channel/frame';
import type { Hop } from '@sealcast/channel/hop-line';
import type { Verdict } from '@sealcast/hop/admission';
import { Conversation } from './conversation.ts';
import type { Fleet as FleetPort, FleetEvent, Order, RelayOrder } from './fleet-port.ts';
import { Instances } from './instances.ts';
import { type Arrival, Joining } from './joining.ts';
import { assemble, type FleetOptions, type Parts } from './parts.ts';
import { toHex } from './hex.ts';
import type { LiveSession } from './live-sessions.ts';
import { RefusalCounters } from './refusals.ts';
import { Removal } from './removal.ts';
import { Tallies } from './tallies.ts';
import type { CommandView, KeptOut, NodeView, RelayView, TransportView } from './views.ts';

export type { FleetOptions } from './parts.ts';

export class Fleet implements FleetPort {
  readonly #parts: Parts;
  readonly #refusals = new RefusalCounters();
  readonly #tallies = new Tallies();
  readonly #instances: Instances;
  readonly #joining: Joining;
  readonly #conversation: Conversation;
  readonly #removal: Removal;

  constructor(options: FleetOptions) {
    this.#parts = assemble(options);
    this.#joining = new Joining(this.#parts);
    this.#instances = new Instances(this.#parts);
    this.#conversation = new Conversation(this.#parts, this.#instances);
    this.#removal = new Removal(this.#parts);
    const { store, presence } = this.#parts;
    for (const { id, joinedAt, lastSeen, removedAt } of store.roster.all())
      if (removedAt === null) presence.know(id, joinedAt, lastSeen);
  }

  /** Whether this hop key (32 bytes) may come to the data ports. */
  admits(hopKey: Uint8Array): Verdict {
    return this.#parts.admission.admits(hopKey);
  }

  /** What the operator's own list says of the hop key (32 bytes) of a node or a relay. */
  decided(hopKey: Uint8Array, isAllowed: boolean, by: KeptOut['by']): void {
    const { keptOut, relays, store, news, log, now } = this.#parts;
    const key = toHex(hopKey);
    if (!keptOut.decided(key, isAllowed, by, now())) return;
    const nodes = store.hopKeys.nodes(key);
    const relay = relays.withKey(key);
    const who = relay === undefined ? { nodes } : { relay };
    if (isAllowed) log.info({ ...who, by }, 'who was kept out of the data ports is let in');
    else log.warn({ ...who, by, hopKey: key }, 'kept out of the data ports: the list does not have the hop key');
    for (const node of nodes) news.node(node);
  }

  /** A frame from the join port. Throws Refusal. */
  receiveJoin(frame: Uint8Array): void {
    const nowMs = this.#parts.now();
    const { reply, arrival } = this.#joining.receive(frame, nowMs);
    for (const code of [reply.refused, reply.dropped]) if (code !== undefined) this.refused(new Refusal(code));
    if (arrival !== undefined) this.#arrived(arrival, nowMs);
    this.#parts.outlet.join(reply.topic, reply.frame);
  }

  /** A frame from the data port. Throws Refusal. */
  receiveData(frame: Uint8Array): void {
    const { sessions, now } = this.#parts;
    const nowMs = now();
    const live = sessions.withKeyId(readKeyId(frame, 'node'));
    if (live === undefined) throw new Refusal('key.unknown');
    const message = live.session.open(frame, () => live.allowance.take(nowMs));
    this.#seen(live.node, nowMs);
    this.#heardAllTheSame(live, nowMs);
    this.#instances.heard(live, nowMs);
    this.#conversation.take(live, message, nowMs);
  }

  refused(refusal: Refusal): void {
    this.#refusals.count(refusal.code);
    this.#parts.log.debug({ code: refusal.code }, 'a frame was refused');
  }

  /** The process that has the sockets came or went. */
  transportChanged(): void {
    this.#parts.news.transport(this.transport());
  }

  /** What time brings: nodes that went away, sessions and epochs that end, commands to repeat. Call it every second. */
  tick(): void {
    const { sessions, presence, clones, epochs, desk, facts, news, log, now } = this.#parts;
    const nowMs = now();
    sessions.sweep(nowMs);
    for (const node of presence.sweep(nowMs)) {
      clones.forget(node);
      log.warn({ node }, 'a node went away');
      news.node(node);
    }
    if (epochs.isDue(nowMs)) this.#beginEpoch(nowMs);
    for (const id of desk.repeat(nowMs)) news.command(id);
    facts.sweep(nowMs);
    this.#seeRelays(nowMs);
    this.#removal.sweep();
  }

  /** Writes what is only in memory. Call it before the store closes. */
  stop(): void {
    const { inbox, facts, sessions, news } = this.#parts;
    inbox.flush();
    facts.flush();
    this.saveLastSeen();
    sessions.closeAll();
    news.stop();
  }

  saveLastSeen(): void {
    const { store, presence, relays, now } = this.#parts;
    store.transaction(() => {
      for (const [id, { lastSeen }] of presence.entries()) if (lastSeen !== null) store.roster.setSeen(id, lastSeen);
      relays.saveLastSeen(now());
    });
  }

  nodes(): NodeView[] {
    return this.#parts.views.nodes();
  }

  node(id: string): NodeView | undefined {
    return this.#parts.views.node(id);
  }

  remove(id: string, by: string): boolean {
    const { epochs, news, log, now } = this.#parts;
    const nowMs = now();
    const commands = this.#removal.remove(id, nowMs);
    if (commands === undefined) return false;
    log.warn({ node: id, by }, 'a node was removed');
    news.removed(id);
    for (const command of commands) news.command(command);
    // Where the next epoch can't be written down now, it begins as soon as it can.
    epochs.memberLeft(nowMs);
    this.#beginEpoch(nowMs);
    return true;
  }

  rename(id: string, name: string | null, by: string): boolean {
    const { store, views, news, log } = this.#parts;
    if (this.node(id) === undefined) return false;
    store.roster.setLabel(id, name);
    views.learn(id);
    log.info({ node: id, name, by }, 'a node was renamed');
    news.node(id);
    return true;
  }

  endClone(id: string, by: string): boolean {
    const { clones, news, log } = this.#parts;
    if (this.node(id) === undefined) return false;
    if (clones.forget(id)) log.info({ node: id, by }, 'the machine that was held out may join again');
    news.node(id);
    return true;
  }

  command(order: Order): CommandView {
    const { desk, views, news, log, now } = this.#parts;
    const view = views.command(desk.issue(order, now()));
    if (view === undefined) throw new Error('a command that was just written is not there');
    this.#tallies.ordered(order);
    log.info({ command: view.id, by: order.by, ...logged(order), nodes: view.receipts.length }, 'a command was sent');
    news.command(view.id);
    if (order.action.type === 'interval') for (const { node } of view.receipts) news.node(node);
    return view;
  }

  commands(limit: number): CommandView[] {
    return this.#parts.views.commands(limit);
  }

  refusals(): Record<string, number> {
    return this.#refusals.counts();
  }

  cuts(): Record<string, number> {
    return this.#parts.peers.cuts();
  }

  /** What the master tells of itself. */
  figures() {
    const { sessions, inbox, desk } = this.#parts;
    const waiting = { reports: inbox.size, receipts: desk.size };
    return {
      ...this.#tallies.counts(),
      refusals: this.refusals(),
      cuts: this.cuts(),
      transport: this.transport(),
      sessions: sessions.size,
      waiting,
    };
  }

  transport(): TransportView {
    const { up, since, restarts } = this.#parts.peers.status();
    return { up, since, restarts };
  }

  relays(): RelayView[] {
    return this.#parts.relays.list();
  }

  relayHop(id: string): Hop | undefined {
    return this.#parts.relays.hop(id);
  }

  addRelay({ name, line, by }: RelayOrder): RelayView | 'malformed' | 'known' | 'taken' {
    const { relays, log, now } = this.#parts;
    const relay = relays.add(name, line, now());
    if (typeof relay === 'object') log.info({ relay: relay.id, by }, 'a relay was added');
    return relay;
  }

  removeRelay(id: string, by: string): boolean {
    const { relays, admission, log, now } = this.#parts;
    const up = relays.remove(id, now());
    if (up === undefined) return false;
    admission.end(up);
    log.warn({ relay: id, by }, 'a relay was removed');
    return true;
  }

  on(listener: (event: FleetEvent) => void): () => void {
    return this.#parts.news.on(listener);
  }

  #arrived({ node, isNew, olderKey, formerKeys }: Arrival, nowMs: number): void {
    const { admission, presence, views, epochs, desk, log } = this.#parts;
    this.#tallies.joined(isNew);
    for (const hopKey of formerKeys) admission.end(hopKey);
    if (isNew) {
      presence.know(node, nowMs, null);
      views.learn(node);
      epochs.memberJoined(nowMs);
    }
    this.#seen(node, nowMs);
    desk.welcomed(node, nowMs);
    log.info({ node, new: isNew }, isNew ? 'a new node joined' : 'a node has a new session');
    if (olderKey) log.info({ node }, 'a node joined with an older transport key, and was told of the newest');
  }

  #heardAllTheSame({ node, hopKey }: LiveSession, nowMs: number): void {
    const { keptOut, news, log } = this.#parts;
    if (!keptOut.heard(hopKey, nowMs)) return;
    log.info({ node, hopKey }, 'who is kept out of the data ports is heard by another way, as through a relay');
    news.node(node);
  }

  #beginEpoch(nowMs: number): void {
    const epoch = this.#parts.down.newEpoch(nowMs);
    this.#parts.log.info({ epoch }, 'a new epoch began');
  }

  #seeRelays(nowMs: number): void {
    const { relays, peers, log } = this.#parts;
    const { came, went } = relays.see(peers.relays(), nowMs);
    for (const relay of came) log.info({ relay }, 'a relay is connected');
    for (const relay of went) log.warn({ relay }, 'a relay is not connected any more');
  }

  #seen(node: string, nowMs: number): void {
    const { presence, news } = this.#parts;
    if (presence.seen(node, nowMs)) news.node(node);
  }
}

// Arguments may hold secrets: the log says how many there are.
function logged({ action }: Order): Record<string, unknown> {
  if (action.type !== 'run') return { action: action.type };
  return { action: action.type, program: action.program, arguments: action.arguments.length };
}
