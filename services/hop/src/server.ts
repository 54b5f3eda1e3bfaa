// The server's end of a hop: the front, four sockets behind it, ZAP, and nothing about what the frames mean. A master's transport
// is one, and so is a relay's side to its nodes.
import { Refusal } from '@sealcast/channel/errors';
import type { Logger } from '@sealcast/runtime/log';
import { Context, type Pull, XPublisher } from 'zeromq';
import type { Admits } from './admission.ts';
import { proveDataDoorClosed } from './door-check.ts';
import { Front } from './front/front.ts';
import type { ServerCredentials } from './mechanism.ts';
import { SendLoop } from './send-loop.ts';
import {
  bindSockets,
  closeSockets,
  openSockets,
  type PortName,
  type Ports,
  portDomain,
  portFrameMax,
  type Sockets,
} from './sockets.ts';
import { ZapHandler } from './zap-handler.ts';

export interface HopServerOptions {
  /** What to listen on: a name or an address, or several. */
  host: string | readonly string[];
  ports: Ports;
  credentials: ServerCredentials;
  admits: Admits;
  log: Logger;
  /** Whether everybody is let in to `data`, as a relay does: then there is no closed door to prove. */
  open?: boolean;
  /** What libzmq may hold of the data port, in bytes: a bound of its memory. */
  heldMax?: number;
  /** Hears of what peers subscribe to: 1 ‖ topic, and 0 ‖ topic where nobody is subscribed to it any more. */
  subscribed?: (port: 'join' | 'data', message: Uint8Array) => void;
}

/** Each may throw Refusal: the frame is dropped, `refused` hears of it. The next frame waits for what comes back. */
export interface Receivers {
  join: (frame: Uint8Array) => void | Promise<void>;
  data: (frame: Uint8Array) => void | Promise<void>;
  refused: (refusal: Refusal) => void;
}

/** How frames go out. */
export interface Outlet {
  join(topic: Uint8Array, frame: Uint8Array): void;
  data(topic: Uint8Array, frame: Uint8Array): void;
}

export class HopServer {
  readonly outlet: Outlet;
  readonly #options: HopServerOptions;
  readonly #context = new Context();
  readonly #sockets: Sockets;
  readonly #front: Front;
  readonly #zap: ZapHandler;
  readonly #loops: SendLoop[];
  /** Whoever does not take a frame must not keep the server from stopping. */
  readonly #stopping = Promise.withResolvers<void>();
  #receiving: Promise<void>[] = [];

  constructor(options: HopServerOptions) {
    const { credentials, admits, log, subscribed, open = false, heldMax } = options;
    this.#options = options;
    this.#front = new Front(credentials.mechanism, log, open, heldMax);
    const failed = (error: unknown) => log.error({ err: error }, 'a message could not be sent');
    this.#zap = new ZapHandler({
      context: this.#context,
      mechanism: credentials.mechanism,
      visitor: (source) => this.#front.visitor(source),
      admits,
      failed,
    });
    this.#sockets = openSockets(this.#context, credentials, subscribed !== undefined);
    const data = new SendLoop(this.#sockets.dataOut, failed);
    const join = new SendLoop(this.#sockets.joinOut, failed);
    this.#loops = [data, join];
    this.outlet = {
      join: (topic, frame) => join.send(topic, frame),
      data: (topic, frame) => data.send(topic, frame),
    };
  }

  /** Throws where a port is taken, and where the data port lets a stranger in. */
  async start(receivers: Receivers): Promise<void> {
    const { host, ports, credentials, open = false } = this.#options;
    await this.#zap.start();
    // First the ports that are named: libzmq is given whichever are free, and one of these may be.
    await this.#front.listen(host, ports);
    this.#front.lead(await bindSockets(this.#sockets));
    if (!open) await proveDataDoorClosed(reachable(host, ports.dataIn), credentials);
    this.#front.forgetCuts();
    this.#receiving = [
      this.#receive('joinIn', this.#sockets.joinIn, receivers.join, receivers.refused),
      this.#receive('dataIn', this.#sockets.dataIn, receivers.data, receivers.refused),
      ...this.#heed(),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.flushed()));
    this.#stopping.resolve();
    await this.#front.close();
    closeSockets(this.#sockets);
    await Promise.all(this.#receiving);
    await this.#zap.stop();
  }

  /** Cuts every connection to the data ports that was let in by this hop key, in hexadecimal. */
  drop(hopKey: string): void {
    this.#zap.drop(hopKey);
    this.#front.drop(hopKey);
  }

  /** How often connections were cut, by reason. */
  cuts(): Record<string, number> {
    return this.#front.cuts();
  }

  /** Hop keys, in hexadecimal, of the relays that are connected to both data ports. */
  relays(): string[] {
    return this.#front.relays();
  }

  /** How many are connected, on the join ports and on the data ports. */
  get connections(): { join: number; data: number } {
    return this.#front.connections;
  }

  async #receive(
    port: PortName,
    socket: Pull,
    take: (frame: Uint8Array) => void | Promise<void>,
    refused: (refusal: Refusal) => void,
  ): Promise<void> {
    const domain = portDomain[port];
    for await (const frames of socket) {
      this.#front.delivered(domain, frames);
      try {
        const [frame] = frames;
        if (frames.length !== 1 || frame === undefined) throw new Refusal('frame.parts');
        if (frame.length > portFrameMax[port]) throw new Refusal('frame.length');
        const taken = take(frame);
        if (taken === undefined) continue;
        this.#front.handling(domain, true);
        await Promise.race([taken, this.#stopping.promise]);
      } catch (error) {
        if (error instanceof Refusal) refused(error);
        else this.#options.log.error({ err: error }, 'a message could not be handled');
      } finally {
        this.#front.handling(domain, false);
      }
    }
  }

  #heed(): Promise<void>[] {
    const { subscribed } = this.#options;
    if (subscribed === undefined) return [];
    const heed = async (port: 'join' | 'data', socket: Sockets['dataOut']) => {
      if (!(socket instanceof XPublisher)) return;
      for await (const [message] of socket) if (message !== undefined) subscribed(port, message);
    };
    return [heed('join', this.#sockets.joinOut), heed('data', this.#sockets.dataOut)];
  }
}

function reachable(hosts: string | readonly string[], port: number): string {
  const [host = ''] = [hosts].flat();
  if (host === '0.0.0.0') return `tcp://127.0.0.1:${port}`;
  if (host === '::') return `tcp://[::1]:${port}`;
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
