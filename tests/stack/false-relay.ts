// A relay that does what it likes with what it carries. Made of the same parts as the honest one.
import { formatHop, type Hop } from '@sealcast/channel/hop-line';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { HopServer } from '@sealcast/hop/server';
import { Leg, type LegName } from '@sealcast/relay/leg';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

export interface Carried {
  direction: 'up' | 'down';
  name: LegName;
  /** Empty on the way up. */
  topic: Buffer;
  frame: Buffer;
}

/** What becomes of a message: those that are given go on, in that order. */
type Meddling = (carried: Carried) => Carried[];

export class FalseRelay implements AsyncDisposable {
  readonly line: string;
  /** Everything that came, as it came. */
  readonly recorded: Carried[] = [];
  meddle: Meddling = (carried) => [carried];
  readonly #server: HopServer;
  readonly #legs: Record<LegName, Leg>;
  readonly #open = Promise.withResolvers<void>();
  #sending: Promise<unknown> = Promise.resolve();

  private constructor(upstream: Hop, [dataIn, dataOut, joinIn, joinOut]: [number, number, number, number]) {
    const down = curveKeyPair();
    const up = curveKeyPair();
    this.line = formatHop({
      host: '127.0.0.1',
      data: [dataIn, dataOut],
      join: [joinIn, joinOut],
      curve: decodeZ85(down.publicKey),
      up: decodeZ85(up.publicKey),
    });
    this.#server = new HopServer({
      host: '127.0.0.1',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...down },
      admits: () => true,
      open: true,
      log: createLog('relay', 'silent'),
      subscribed: (name, message) => this.#legs[name].subscribed(message),
    });
    const leg = (name: LegName) =>
      new Leg({
        name,
        host: upstream.host,
        ports: upstream[name],
        credentials: { mechanism: 'curve', ...up, serverKey: encodeZ85(upstream.curve) },
        received: (topic, frame) => this.#carry({ direction: 'down', name, topic, frame }),
        changed: () => {
          if (this.#legs.join.state === 'open' && this.#legs.data.state === 'open') this.#open.resolve();
        },
        failed: () => undefined,
      });
    this.#legs = { join: leg('join'), data: leg('data') };
  }

  /** Connects as soon as the master was told of it: `tell` is given its line. */
  static async start(upstream: Hop, tell: (line: string) => Promise<unknown>): Promise<FalseRelay> {
    const [a = 0, b = 0, c = 0, d = 0] = await freePorts([0, 0, 0, 0]);
    const relay = new FalseRelay(upstream, [a, b, c, d]);
    await tell(relay.line);
    const up = (name: LegName) => (frame: Uint8Array) =>
      relay.#carry({ direction: 'up', name, topic: Buffer.alloc(0), frame: Buffer.from(frame) });
    await relay.#server.start({ join: up('join'), data: up('data'), refused: () => undefined });
    relay.#legs.join.open();
    relay.#legs.data.open();
    await relay.#open.promise;
    return relay;
  }

  /** Sends on, as if it had just come. */
  pass({ direction, name, topic, frame }: Carried): void {
    if (direction === 'down') this.#server.outlet[name](topic, frame);
    else this.#sending = this.#sending.then(() => this.#legs[name].send(frame));
  }

  #carry(carried: Carried): void {
    this.recorded.push(carried);
    for (const one of this.meddle(carried)) this.pass(one);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await this.#sending;
    await Promise.all([this.#legs.join.close(), this.#legs.data.close()]);
  }
}
