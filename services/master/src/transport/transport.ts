// The master's end of the wire: frames in, frames out, and nothing about what they mean.
import { Refusal } from '@sealcast/channel/errors';
import type { Logger } from '@sealcast/runtime/log';
import { SendLoop } from '@sealcast/runtime/send-loop';
import type { Pull } from 'zeromq';
import { proveDataDoorClosed } from './door-check.ts';
import { bindSockets, closeSockets, openSockets, type Ports, type Sockets } from './sockets.ts';
import { ZapHandler } from './zap-handler.ts';

export interface TransportOptions {
  host: string;
  ports: Ports;
  /** Z85. */
  curve: { publicKey: string; secretKey: string };
  /** Whether a node with this CURVE public key (32 bytes) has joined. */
  joined: (curveKey: Uint8Array) => boolean;
  log: Logger;
}

export interface Receivers {
  /** May throw Refusal: the frame is dropped, `refused` hears of it. */
  join: (frame: Uint8Array) => void;
  data: (frame: Uint8Array) => void;
  refused: (refusal: Refusal) => void;
}

/** How a fleet sends. */
export interface Outlet {
  join(topic: Uint8Array, frame: Uint8Array): void;
  data(topic: Uint8Array, frame: Uint8Array): void;
}

export class Transport {
  readonly outlet: Outlet;
  readonly #options: TransportOptions;
  readonly #sockets: Sockets;
  readonly #zap: ZapHandler;
  readonly #loops: SendLoop[];
  #receiving: Promise<void>[] = [];

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#zap = new ZapHandler(
      ({ domain, curveKey }) => domain === 'join' || (domain === 'data' && options.joined(curveKey)),
    );
    this.#sockets = openSockets(options.host, options.curve.secretKey);
    const failed = (error: unknown) => options.log.error({ err: error }, 'a message could not be sent');
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
    const { host, ports, curve } = this.#options;
    await this.#zap.start();
    await bindSockets(this.#sockets, host, ports);
    await proveDataDoorClosed(reachable(host, ports.dataIn), curve.publicKey);
    this.#receiving = [
      this.#receive(this.#sockets.joinIn, receivers.join, receivers.refused),
      this.#receive(this.#sockets.dataIn, receivers.data, receivers.refused),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.flushed()));
    closeSockets(this.#sockets);
    await Promise.all(this.#receiving);
    await this.#zap.stop();
  }

  async #receive(socket: Pull, take: (frame: Uint8Array) => void, refused: (refusal: Refusal) => void): Promise<void> {
    for await (const frames of socket) {
      try {
        const [frame] = frames;
        if (frames.length !== 1 || frame === undefined) throw new Refusal('frame.parts');
        take(frame);
      } catch (error) {
        if (error instanceof Refusal) refused(error);
        else this.#options.log.error({ err: error }, 'a message could not be handled');
      }
    }
  }
}

function reachable(host: string, port: number): string {
  if (host === '0.0.0.0') return `tcp://127.0.0.1:${port}`;
  if (host === '::') return `tcp://[::1]:${port}`;
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
