// The four public ports. Node listens on them, not libzmq, so that each connection has a limit to what it can take, and can be cut.
import { createServer, type Server, type Socket } from 'node:net';
import type { Mechanism } from '@sealcast/channel/payloads';
import type { Logger } from '@sealcast/runtime/log';
import { cannotListen } from '@sealcast/runtime/run';
import type { ZapDomain } from '../mechanism.ts';
import { frameOverhead } from '../options.ts';
import { type PortName, type Ports, portDomain, portNames } from '../sockets.ts';
import { AddressRates } from './address-rates.ts';
import { Connection, type Surroundings } from './connection.ts';
import { Crowd } from './crowd.ts';
import { type CutReason, cutReasons } from './cuts.ts';
import { HandshakeTurns } from './handshake-turns.ts';
import { HeldBound } from './held-bound.ts';
import { HopKeyHolders } from './hop-key-holders.ts';
import { JoinTurns } from './join-turns.ts';
import { crowdLimits, heldMax, joinRate, topicRate } from './limits.ts';
import { loopbackSource } from './loopback-source.ts';
import { Undelivered } from './undelivered.ts';

const backlog = 512;
/** How long one message may keep this server busy before it counts as stalled. */
const stalledMs = 1000;

export class Front {
  readonly #mechanism: Mechanism;
  readonly #log: Logger;
  readonly #servers: Server[] = [];
  readonly #sources = new Map<string, Connection>();
  readonly #crowds = { join: new Crowd<Connection>(crowdLimits.join), data: new Crowd<Connection>(crowdLimits.data) };
  readonly #keyed = new HopKeyHolders();
  readonly #undelivered: Undelivered;
  readonly #held: HeldBound;
  readonly #turns = new HandshakeTurns();
  readonly #joinRates = new AddressRates(joinRate);
  readonly #topicRates: Partial<Record<PortName, AddressRates>>;
  readonly #joinTurns: JoinTurns;
  readonly #cuts = new Map<CutReason, number>(cutReasons.map((reason) => [reason, 0]));
  #upstream: Ports | undefined;
  #handlingSince: number | undefined;
  /** Messages that came out of the data port. */
  #deliveries = 0;

  /**
   * @param isOpen whether everybody is let in to `data`
   * @param held what libzmq may hold of the data port, in bytes
   */
  constructor(mechanism: Mechanism, log: Logger, isOpen: boolean, held = heldMax) {
    this.#mechanism = mechanism;
    this.#log = log;
    const overhead = frameOverhead[mechanism];
    this.#undelivered = new Undelivered(overhead);
    this.#joinTurns = new JoinTurns(overhead);
    const { dataOut, joinOut } = topicRate;
    this.#topicRates = isOpen ? { dataOut: new AddressRates(dataOut), joinOut: new AddressRates(joinOut) } : {};
    this.#held = new HeldBound({ overhead, max: held, ifEmpty: (then) => this.#ifEmpty(then) });
  }

  /** Listens on `ports` of each host; who comes before `lead` is sent away. Throws StartError. */
  async listen(hosts: string | readonly string[], ports: Ports): Promise<void> {
    for (const host of [hosts].flat()) await this.#listenAt(host, ports);
  }

  async #listenAt(host: string, ports: Ports): Promise<void> {
    for (const name of portNames) {
      const server = createServer((client) => this.#accept(client, name));
      this.#servers.push(server);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once('error', reject);
      server.listen({ host, port: ports[name], backlog }, resolve);
      await promise.catch(cannotListen(`${host}, port ${ports[name]}`));
      server.off('error', reject);
      server.on('error', (error) => this.#log.error({ err: error, port: name }, 'a connection could not be accepted'));
    }
  }

  /** Where libzmq listens, of 127.0.0.1. */
  lead(upstream: Ports): void {
    this.#upstream = upstream;
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      return promise;
    });
    for (const connection of this.#sources.values()) connection.close();
    this.#held.close();
    await Promise.all(closed);
  }

  /** The live connection that libzmq sees coming from `source`. */
  visitor(source: string): Connection | undefined {
    return this.#sources.get(source);
  }

  /** Cuts every connection to the data ports that was let in by this hop key, in hexadecimal; a relay's to the join ports too. */
  drop(hopKey: string): void {
    this.#keyed.drop(hopKey);
  }

  /** A message came out of a port with these frames. */
  delivered(domain: ZapDomain, frames: Uint8Array[]): void {
    if (domain === 'join') {
      for (const { length } of frames) this.#joinTurns.delivered(length);
      return;
    }
    this.#deliveries += 1;
    for (const { length } of frames) {
      this.#undelivered.delivered(length);
      this.#held.delivered(length);
    }
  }

  /** The server waits for whoever takes its messages, or does so no more. */
  handling(domain: ZapDomain, isBusy: boolean): void {
    if (domain === 'join') this.#joinTurns.handling(isBusy);
    else this.#handlingSince = isBusy ? performance.now() : undefined;
  }

  /** The server's own try at its door is nobody's attack. */
  forgetCuts(): void {
    for (const reason of cutReasons) this.#cuts.set(reason, 0);
  }

  /** How often each reason was met. */
  cuts(): Record<string, number> {
    return Object.fromEntries(this.#cuts);
  }

  /** Hop keys, in hexadecimal, of the relays that are connected to both data ports. */
  relays(): string[] {
    return this.#keyed.relays();
  }

  /** How many are connected, on the join ports and on the data ports. */
  get connections(): { join: number; data: number } {
    return { join: this.#crowds.join.size, data: this.#crowds.data.size };
  }

  // Where a message waits, the next turn of the loop brings it: whoever receives is always waiting for one, or busy with one.
  #ifEmpty(then: () => void): void {
    const before = this.#deliveries;
    const hasRested = () => this.#handlingSince === undefined && this.#deliveries === before;
    setImmediate(() => setImmediate(() => hasRested() && then()));
  }

  #accept(client: Socket, name: PortName): void {
    if (this.#upstream === undefined) {
      client.destroy();
      return;
    }
    const upstreamPort = this.#upstream[name];
    const crowd = this.#crowds[portDomain[name]];
    const around: Surroundings = {
      name,
      mechanism: this.#mechanism,
      upstreamPort,
      turns: this.#turns,
      undelivered: this.#undelivered,
      held: this.#held,
      joinRates: this.#joinRates,
      topicRates: this.#topicRates[name],
      joinTurns: this.#joinTurns,
      isStalled: () => this.#handlingSince !== undefined && performance.now() - this.#handlingSince > stalledMs,
      on: {
        admitted: (connection) => {
          crowd.admitted(connection);
          this.#keyed.add(connection);
        },
        cut: (connection, reason) => {
          this.#keyed.remove(connection);
          this.#cuts.set(reason, (this.#cuts.get(reason) ?? 0) + 1);
          this.#log.debug({ reason, address: connection.address, port: name }, 'a connection was cut');
        },
        closed: (connection) => {
          crowd.remove(connection);
          this.#forget(connection);
        },
      },
    };
    const connection = new Connection(
      client,
      loopbackSource((source) => this.#sources.has(source)),
      around,
    );
    this.#sources.set(connection.source, connection);
    crowd.add(connection);
  }

  #forget(connection: Connection): void {
    this.#sources.delete(connection.source);
    this.#undelivered.forget(connection);
    this.#held.left(connection);
    this.#keyed.remove(connection);
  }
}
