// One peer's connection: from the peer's socket to libzmq's and back, with what it may take on the way.
import { connect, type Socket } from 'node:net';
import type { Mechanism } from '@sealcast/channel/payloads';
import type { Verdict } from '../admission.ts';
import type { ZapDomain } from '../mechanism.ts';
import { type PortName, portDomain } from '../sockets.ts';
import type { Visitor } from '../zap-handler.ts';
import type { AddressRates } from './address-rates.ts';
import { Allowance } from './allowance.ts';
import type { CutReason } from './cuts.ts';
import type { HandshakeTurns, Newcomer } from './handshake-turns.ts';
import type { HeldBound, Sender } from './held-bound.ts';
import type { Joiner, JoinTurns } from './join-turns.ts';
import * as limits from './limits.ts';
import { addressGroup, plainAddress } from './remote-address.ts';
import { type Said, SaidReader } from './said.ts';
import type { Holder, Undelivered } from './undelivered.ts';
import { Waits } from './waits.ts';
import { beginsGreeting, greeting, greetingBytes, greetsAs, handshakeFrames } from './zmtp.ts';

export interface Surroundings {
  name: PortName;
  mechanism: Mechanism;
  /** Where libzmq listens, of 127.0.0.1. */
  upstreamPort: number;
  turns: HandshakeTurns;
  undelivered: Undelivered;
  held: HeldBound;
  joinRates: AddressRates;
  /** Of topics, where this port has one for each address. */
  topicRates: AddressRates | undefined;
  joinTurns: JoinTurns;
  /** Whether messages wait for this server and not for their ends. */
  isStalled: () => boolean;
  on: {
    admitted: (connection: Connection) => void;
    cut: (connection: Connection, reason: CutReason) => void;
    closed: (connection: Connection) => void;
  };
}

type Pause = 'upstream' | 'rate' | 'turn' | 'topics' | 'undelivered' | 'held';
type Wait = 'handshake' | 'join' | 'rate' | 'topics' | 'undelivered' | 'end';

const dataIn = 'dataIn';
const joinIn = 'joinIn';

export class Connection implements Visitor, Holder, Sender, Newcomer, Joiner {
  readonly source: string;
  readonly address: string;
  /** What the limits for one address count by. */
  readonly group: string;
  isAdmitted = false;
  /** Whether it carries a whole site. */
  isRelay = false;
  /** In hexadecimal, once ZAP has let it in with one. */
  hopKey: string | undefined;
  readonly #around: Surroundings;
  readonly #client: Socket;
  #upstream: Socket | undefined;
  #greeting: Buffer = Buffer.alloc(0);
  #greetingLeft = greetingBytes;
  /** What came behind the greeting before its turn. */
  #early: Buffer = Buffer.alloc(0);
  /** What it would say to join, before its turn. */
  #unsaid: Said | undefined;
  readonly #reader: SaidReader;
  #handshakeLeft: number;
  readonly #allowance: Allowance;
  readonly #pauses = new Set<Pause>();
  readonly #waits = new Waits<Wait>();
  #isDenied = false;
  /** The peer has closed, before libzmq did. */
  #hasLeft = false;
  #isOver = false;

  constructor(client: Socket, source: string, around: Surroundings) {
    this.#client = client;
    this.source = source;
    this.address = plainAddress(client.remoteAddress ?? '');
    this.group = addressGroup(this.address);
    this.#around = around;
    this.#reader = new SaidReader(around.name, around.mechanism);
    this.#allowance = new Allowance(around.name);
    this.#handshakeLeft = handshakeFrames[around.mechanism];
    client.setNoDelay(true);
    client.on('data', (chunk: Buffer) => this.#receive(chunk));
    client.on('drain', () => this.#upstream?.resume());
    client.on('error', () => client.destroy());
    client.on('end', () => this.#endUpstream());
    client.on('close', () => this.#endUpstream());
    client.write(greeting(around.mechanism));
    this.#waits.later('handshake', limits.handshakeMs, () => this.cut('cut.handshake-time'));
    if (this.isJoin) this.#waits.later('join', limits.joinMs, () => this.cut('cut.join-time'));
  }

  get port(): PortName {
    return this.#around.name;
  }

  get domain(): ZapDomain {
    return portDomain[this.#around.name];
  }

  get isJoin(): boolean {
    return this.domain === 'join';
  }

  admitted(hopKey: Uint8Array | undefined, verdict: Exclude<Verdict, false>): void {
    if (this.#isOver) return;
    this.#waits.stop('handshake');
    this.isAdmitted = true;
    if (this.#around.mechanism !== 'null' && hopKey !== undefined) this.hopKey = Buffer.from(hopKey).toString('hex');
    if (verdict === 'relay') this.becomeRelay();
    else if (!this.isJoin) this.#allowance.begin(false);
    if (this.#around.name === dataIn) this.#around.held.admitted(this);
    this.#around.on.admitted(this);
  }

  /** From now on the limits of a relay hold. Those of a single join are none of them. */
  becomeRelay(): void {
    if (this.isRelay || this.#isOver) return;
    this.isRelay = true;
    this.#waits.stop('join');
    this.#allowance.begin(true);
  }

  denied(): void {
    if (this.#isOver) return;
    this.#isDenied = true;
    // The peer hears of it by an ERROR of libzmq's, and closes by itself where it is honest.
    this.#around.on.cut(this, 'cut.denied');
    this.#waits.later('handshake', limits.farewellMs, () => this.close());
  }

  released(): void {
    if (!this.#pauses.has('undelivered')) return;
    if (this.#around.undelivered.cost(this) > this.#undeliveredMax / 2) this.#watchUndelivered();
    else {
      this.#waits.stop('undelivered');
      this.#resume('undelivered');
    }
  }

  hold(): void {
    this.#pause('held');
  }

  release(): void {
    this.#resume('held');
  }

  /** Closes both ways at once. */
  cut(reason: CutReason): void {
    if (this.#isOver) return;
    this.#around.on.cut(this, reason);
    this.close();
  }

  close(): void {
    this.#over();
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#greetingLeft === 0 && this.#upstream === undefined) return this.#keep(chunk);
    if (this.#greetingLeft === 0) return this.#joinsAlone ? this.#join(chunk) : this.#forward(chunk);
    const part = chunk.subarray(0, this.#greetingLeft);
    this.#greeting = Buffer.concat([this.#greeting, part]);
    this.#greetingLeft -= part.length;
    if (!beginsGreeting(this.#greeting)) return this.cut('cut.protocol');
    if (this.#greetingLeft > 0) return;
    const { mechanism } = this.#around;
    if (!greetsAs(this.#greeting, mechanism)) return this.#sendAway();
    this.#keep(chunk.subarray(part.length));
    if (this.#around.turns.come(this)) this.turn();
    // Others of its address keep it waiting, and that is no time of its handshake.
    else this.#waits.later('handshake', limits.handshakeMs, () => this.cut('cut.handshake-rate'));
  }

  // It is read while it waits for its turn: who leaves is seen, and takes none.
  #keep(chunk: Buffer): void {
    this.#early = Buffer.concat([this.#early, chunk]);
    if (this.#early.length > limits.handshakeBytes) this.cut('cut.handshake-bytes');
  }

  turn(): void {
    if (this.#isOver) return;
    this.#waits.later('handshake', limits.handshakeMs, () => this.cut('cut.handshake-time'));
    this.#upstream = this.#connect(this.#greeting);
    const early = this.#early;
    this.#early = Buffer.alloc(0);
    if (early.length > 0) this.#forward(early);
  }

  // First its address has to be allowed to say more, until when it is as if this had not come; then among all addresses it has its turn.
  #join(chunk: Buffer): void {
    const waitMs = this.#around.joinRates.wait(this.group, performance.now());
    if (waitMs > 0) {
      this.#pauseFor(waitMs);
      this.#client.unshift(chunk);
      return;
    }
    const said = this.#reader.read(chunk);
    if (typeof said === 'string') return this.cut(said);
    if (this.#around.joinTurns.come(this, said.cost)) return this.#pass(said);
    this.#unsaid = said;
    this.#pause('turn');
  }

  joinTurn(): void {
    const said = this.#unsaid;
    this.#unsaid = undefined;
    if (said === undefined || this.#isOver) return;
    this.#resume('turn');
    this.#pass(said);
  }

  /** Whether it is one of its address's that join. */
  get #joinsAlone(): boolean {
    return this.#around.name === joinIn && this.isAdmitted && !this.isRelay;
  }

  // It has this server's greeting, and can tell its operator what is wrong.
  #sendAway(): void {
    this.#around.on.cut(this, 'cut.mechanism');
    this.#over();
    this.#client.end();
    this.#waits.later('end', limits.closingMs, () => this.#client.destroy());
  }

  #connect(clientGreeting: Buffer): Socket {
    const upstream = connect({ host: '127.0.0.1', port: this.#around.upstreamPort, localAddress: this.source });
    let greetingLeft = greetingBytes;
    upstream.setNoDelay(true);
    upstream.write(clientGreeting);
    upstream.on('data', (chunk: Buffer) => {
      // The peer has had a greeting already.
      const skipped = Math.min(greetingLeft, chunk.length);
      greetingLeft -= skipped;
      if (skipped < chunk.length && !this.#client.write(chunk.subarray(skipped))) upstream.pause();
    });
    upstream.on('drain', () => this.#resume('upstream'));
    upstream.on('error', () => upstream.destroy());
    upstream.on('close', () => {
      if (!this.isAdmitted && !this.#isDenied && !this.#hasLeft && !this.#isOver) this.#refused();
      this.#endClient();
    });
    return upstream;
  }

  // By libzmq, which says why to nobody.
  #refused(): void {
    this.#waits.stop('handshake');
    this.#around.on.cut(this, 'cut.handshake');
  }

  #forward(chunk: Buffer): void {
    const said = this.#reader.read(chunk);
    if (typeof said === 'string') return this.cut(said);
    const { topicRates } = this.#around;
    if (said.topics === 0 || topicRates === undefined || !this.isAdmitted || this.isRelay) this.#pass(said);
    else this.#subscribe(topicRates, said);
  }

  // Of its address's connections whichever comes first is next.
  #subscribe(rates: AddressRates, said: Said): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    const waitMs = rates.wait(this.group, nowMs);
    if (waitMs > 0) {
      this.#pause('topics');
      this.#waits.later('topics', waitMs, () => this.#subscribe(rates, said));
    } else {
      rates.take(this.group, said.topics, nowMs);
      this.#resume('topics');
      this.#pass(said);
    }
  }

  #pass({ chunk, frames, cost }: Said): void {
    const { name, undelivered, held, joinRates, joinTurns } = this.#around;
    const afterHandshake = frames.slice(this.#handshakeLeft);
    this.#handshakeLeft -= frames.length - afterHandshake.length;
    if (afterHandshake.length > 0 && !this.isAdmitted) return this.cut('cut.handshake-bytes');
    const waitMs = this.#allowance.pay(cost, this);
    if (typeof waitMs === 'string') return this.cut(waitMs);
    if (this.#joinsAlone) {
      joinRates.take(this.group, cost, performance.now());
      joinTurns.said(cost);
    }
    if (name === dataIn) {
      // libzmq keeps messages, and of commands what can be a message too; under CURVE nobody can tell them apart.
      for (const { size } of afterHandshake) {
        undelivered.began(this, size);
        held.began(this, size);
      }
    }
    if (this.#upstream?.write(chunk) === false) this.#pause('upstream');
    if (undelivered.cost(this) > this.#undeliveredMax) {
      this.#pause('undelivered');
      this.#watchUndelivered();
    }
    if (waitMs > 0) this.#pauseFor(waitMs);
  }

  #pauseFor(waitMs: number): void {
    this.#pause('rate');
    this.#waits.later('rate', waitMs, () => this.#resume('rate'));
  }

  get #undeliveredMax(): number {
    return limits.undeliveredMax * this.#allowance.weight;
  }

  #watchUndelivered(): void {
    this.#waits.later('undelivered', limits.undeliveredMs, () => {
      if (this.#around.isStalled()) this.#watchUndelivered();
      else this.cut('cut.unfinished');
    });
  }

  #pause(why: Pause): void {
    this.#pauses.add(why);
    this.#client.pause();
  }

  #resume(why: Pause): void {
    this.#pauses.delete(why);
    if (this.#pauses.size === 0) this.#client.resume();
  }

  // What the peer said before it closed goes on to libzmq.
  #endUpstream(): void {
    this.#hasLeft = true;
    this.#around.turns.leave(this);
    this.#around.joinTurns.leave(this);
    if (this.#upstream === undefined || this.#upstream.destroyed) return this.#closed();
    this.#upstream.end();
    this.#upstream.resume();
    this.#waits.later('end', limits.closingMs, () => this.close());
  }

  #endClient(): void {
    if (this.#client.destroyed) return this.#closed();
    this.#client.end();
    this.#client.resume();
    this.#waits.later('end', limits.closingMs, () => this.close());
  }

  #closed(): void {
    if (!this.#client.destroyed || this.#upstream?.destroyed === false) return;
    this.#over();
    this.#around.on.closed(this);
  }

  #over(): void {
    this.#isOver = true;
    this.#around.turns.leave(this);
    this.#around.joinTurns.leave(this);
    this.#waits.stopAll();
  }
}
