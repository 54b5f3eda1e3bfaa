// The node's sockets: a PUSH and a SUB a pair of ports, and what the hop itself says about its failing.
import { dataFrameMax, joinFrameMax } from '@sealcast/channel/constants';
import { clientOptions, type HopCredentials, type ZapDomain } from '@sealcast/hop/mechanism';
import { hopOptions } from '@sealcast/hop/options';
import { Push, Subscriber } from 'zeromq';
import type { Master } from '../master-file.ts';

/** How far a pair of sockets has come, the worse of the two. */
export type HopState = 'unreachable' | 'no-handshake' | 'other-mechanism' | 'denied' | 'open';

const reconnectMs = 250;
const reconnectMaxMs = 5000;
const outgoingMax = 100;
const frameMax = { join: joinFrameMax, data: dataFrameMax };

export class Hop {
  readonly push: Push;
  readonly sub: Subscriber;
  readonly #states = new Map<Push | Subscriber, HopState>();
  readonly #opened = Promise.withResolvers<boolean>();
  #wasReached = false;
  #onLost: () => void = () => undefined;
  #onDenied: () => void = () => undefined;

  /** Connects to the master's ports of `domain`; `topics` are subscribed before. */
  constructor(
    master: Pick<Master, 'host' | ZapDomain>,
    domain: ZapDomain,
    credentials: HopCredentials,
    topics: Uint8Array[],
  ) {
    const hop = {
      ...hopOptions(frameMax[domain], credentials.mechanism),
      ...clientOptions(credentials, domain),
      ipv6: master.host.includes(':'),
      reconnectInterval: reconnectMs,
      reconnectMaxInterval: reconnectMaxMs,
    };
    this.push = new Push({ ...hop, immediate: true, sendHighWaterMark: outgoingMax });
    this.sub = new Subscriber(hop);
    for (const topic of topics) this.subscribe(topic);
    // [where the master PULLs, where it PUBs]
    const ports = master[domain];
    for (const [index, socket] of [this.push, this.sub].entries()) {
      this.#watch(socket);
      socket.connect(`tcp://${master.host.includes(':') ? `[${master.host}]` : master.host}:${ports[index]}`);
    }
  }

  subscribe(topic: Uint8Array): void {
    this.sub.subscribe(Buffer.from(topic));
  }

  unsubscribe(topic: Uint8Array): void {
    this.sub.unsubscribe(Buffer.from(topic));
  }

  /** Resolves when both sockets have shaken hands, or false after `timeoutMs` and where they are closed before. */
  async opened(timeoutMs: number): Promise<boolean> {
    const patience = Promise.withResolvers<false>();
    const timer = setTimeout(() => patience.resolve(false), timeoutMs);
    try {
      return await Promise.race([this.#opened.promise, patience.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls `listener` when a connection that had been open is lost. */
  onLost(listener: () => void): void {
    this.#onLost = listener;
  }

  /** Calls `listener` when the server does not let these credentials in. */
  onDenied(listener: () => void): void {
    this.#onDenied = listener;
  }

  get state(): HopState {
    const order: HopState[] = ['other-mechanism', 'denied', 'unreachable', 'no-handshake', 'open'];
    return order.find((state) => [...this.#states.values()].includes(state)) ?? 'unreachable';
  }

  /** Whether either socket ever had a connection, whatever became of it. */
  get wasReached(): boolean {
    return this.#wasReached;
  }

  close(): void {
    this.#onLost = () => undefined;
    this.#onDenied = () => undefined;
    this.#opened.resolve(false);
    this.push.close();
    this.sub.close();
  }

  #watch(socket: Push | Subscriber): void {
    const { events } = socket;
    const become = (state: HopState) => {
      const before = this.#states.get(socket);
      this.#states.set(socket, state);
      if (before === 'open' && state !== 'open') this.#onLost();
      if (this.state === 'open') this.#opened.resolve(true);
    };
    become('unreachable');
    events.on('connect', () => {
      this.#wasReached = true;
      become('no-handshake');
    });
    events.on('handshake', () => become('open'));
    events.on('handshake:error:auth', () => {
      become('denied');
      this.#onDenied();
    });
    // libzmq does not connect again after that.
    events.on('handshake:error:protocol', ({ error }) => {
      if (error.code === 'ERR_ZMTP_MECHANISM_MISMATCH') become('other-mechanism');
    });
    // Whoever drops a connection before the handshake is done is reachable, but not the master of this CURVE key.
    events.on('disconnect', () => this.#states.get(socket) === 'open' && become('unreachable'));
  }
}
