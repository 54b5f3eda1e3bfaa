// One pair of ports of the hop above: frames go up by PUSH, topics and frames come down by XSUB.
import { topicBytes, portFrames } from './passage.ts';
import { type HopCredentials, clientOptions } from '@sealcast/hop/mechanism';
import { hopOptions } from '@sealcast/hop/options';
import { SendLoop } from '@sealcast/hop/send-loop';
import { Push, XSubscriber } from 'zeromq';
import { Upward } from './upward.ts';

export type LegName = 'join' | 'data';
export type LegState = 'denied' | 'closed' | 'opening' | 'open';

/** The worst comes first. */
const worse = ['denied', 'closed', 'opening', 'open'] as const satisfies LegState[];

export function worst(states: readonly LegState[]): LegState {
  return worse.find((state) => states.includes(state)) ?? 'open';
}

export interface LegOptions {
  name: LegName;
  host: string;
  /** [where the hop above PULLs, where it PUBs]. */
  ports: [number, number];
  credentials: HopCredentials;
  received: (topic: Buffer, frame: Buffer) => void;
  changed: (state: LegState) => void;
  failed: (error: unknown) => void;
}

const reconnectMs = 250;
const reconnectMaxMs = 5000;
// libzmq does not try again after ZAP has refused; a relay that the master is told of later has to.
const againMs = 3000;
// What can't go up for so long is not worth keeping: the protocol repeats it.
const sendMs = 1000;
const outgoingMax = 1000;

interface Sockets {
  push: Push;
  sub: XSubscriber;
  subscribing: SendLoop;
}

export class Leg {
  readonly #options: LegOptions;
  readonly #upward: Upward;
  readonly #states = new Map<Push | XSubscriber, LegState>();
  #sockets: Sockets | undefined;
  #again: NodeJS.Timeout | undefined;
  #wasDenied = false;
  #receiving: Promise<void> = Promise.resolve();

  constructor(options: LegOptions) {
    this.#options = options;
    this.#upward = new Upward(`${options.name}Out`, (message) => this.#sockets?.subscribing.send(message));
  }

  /** The worse of its two sockets'. */
  get state(): LegState {
    return worst([...this.#states.values()]);
  }

  open(): void {
    const { name, host, ports, credentials } = this.#options;
    const options = {
      ...hopOptions(portFrames[name], credentials.mechanism),
      ...clientOptions(credentials, name),
      ipv6: host.includes(':'),
      reconnectInterval: reconnectMs,
      reconnectMaxInterval: reconnectMaxMs,
    };
    const push = new Push({ ...options, immediate: true, sendHighWaterMark: outgoingMax, sendTimeout: sendMs });
    // Above a high water mark libzmq would leave topics out, where it asks for all of them again.
    const sub = new XSubscriber({ ...options, sendHighWaterMark: 0 });
    const subscribing = new SendLoop({ closed: false, send: (frames) => sub.send(frames) }, this.#options.failed);
    this.#sockets = { push, sub, subscribing };
    sub.events.on('handshake', () => this.#upward.connected());
    for (const [index, socket] of [push, sub].entries()) {
      this.#watch(socket);
      socket.connect(`tcp://${host.includes(':') ? `[${host}]` : host}:${ports[index]}`);
    }
    for (const subscription of this.#upward.topics.subscriptions()) subscribing.send(subscription);
    this.#receiving = this.#receive(sub);
  }

  /** Resolves when the frame is on its way, or dropped. One at a time. */
  async send(frame: Uint8Array): Promise<boolean> {
    const { push } = this.#sockets ?? {};
    if (push === undefined || push.closed) return false;
    try {
      await push.send(frame);
      return true;
    } catch {
      return false;
    }
  }

  /** `message` as XPUB gives it. */
  subscribed(message: Uint8Array): void {
    this.#upward.take(message);
  }

  async close(): Promise<void> {
    clearTimeout(this.#again);
    this.#upward.close();
    this.#states.clear();
    this.#sockets?.push.close();
    this.#sockets?.sub.close();
    this.#sockets = undefined;
    await this.#receiving;
  }

  async #receive(sub: XSubscriber): Promise<void> {
    for await (const [topic, frame, ...others] of sub) {
      if (topic?.length !== topicBytes || frame === undefined || others.length > 0) continue;
      this.#upward.topics.carried(topic);
      this.#options.received(topic, frame);
    }
  }

  #watch(socket: Push | XSubscriber): void {
    const become = (state: LegState) => {
      if (!this.#states.has(socket)) return;
      const before = this.state;
      this.#states.set(socket, state);
      if (this.state !== before) this.#options.changed(this.state);
    };
    const { events } = socket;
    // Who was denied is, until it is let in or finds nobody there.
    this.#states.set(socket, this.#wasDenied ? 'denied' : 'opening');
    events.on('handshake', () => become('open'));
    events.on('disconnect', () => this.#states.get(socket) !== 'denied' && become('closed'));
    events.on('connect:retry', () => become('closed'));
    events.on('handshake:error:auth', () => {
      become('denied');
      clearTimeout(this.#again);
      this.#again = setTimeout(() => void this.#reopen(), againMs);
    });
  }

  async #reopen(): Promise<void> {
    this.#wasDenied = true;
    await this.close();
    this.open();
    this.#wasDenied = false;
  }
}
