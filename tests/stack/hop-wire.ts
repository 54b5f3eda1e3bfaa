// A hop's server in this process, and clients of it.
import { randomBytes } from 'node:crypto';
import type { Refusal } from '@sealcast/channel/errors';
import type { Mechanism } from '@sealcast/channel/payloads';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Admits } from '@sealcast/hop/admission';
import { plainHopKey } from '@sealcast/channel/hop-key';
import { clientOptions, type HopCredentials } from '@sealcast/hop/mechanism';
import { HopServer, type HopServerOptions } from '@sealcast/hop/server';
import type { PortName, Ports } from '@sealcast/hop/sockets';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair, Push, Subscriber } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

/** What a client shows, and by what the server knows it, in hexadecimal. */
export interface Member {
  credentials: HopCredentials;
  hopKey: string;
}

export interface HopWireOptions
  extends Partial<Pick<HopServerOptions, 'host' | 'log' | 'open' | 'heldMax' | 'subscribed'>> {
  mechanism?: Mechanism;
  /** Instead of: the members that were made here. */
  admits?: Admits;
}

export class HopWire implements AsyncDisposable {
  readonly ports: Ports;
  readonly mechanism: Mechanism;
  readonly server: HopServer;
  readonly got: { port: 'join' | 'data'; frame: Buffer }[] = [];
  readonly refused: string[] = [];
  /** Called with each frame; what it gives back is waited for. */
  take: (port: 'join' | 'data', frame: Uint8Array) => void | Promise<void> = () => undefined;
  readonly #keys = curveKeyPair();
  readonly #members = new Set<string>();
  readonly #sockets: (Push | Subscriber)[] = [];
  readonly #waiting = new Set<() => void>();

  constructor([dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0]: number[], options: HopWireOptions = {}) {
    const {
      mechanism = 'curve',
      admits,
      host = '127.0.0.1',
      log = createLog('test', 'silent'),
      open = false,
      heldMax,
      subscribed,
    } = options;
    this.ports = { dataIn, dataOut, joinIn, joinOut };
    this.mechanism = mechanism;
    this.server = new HopServer({
      host,
      ports: this.ports,
      credentials: mechanism === 'curve' ? { mechanism, ...this.#keys } : { mechanism },
      admits:
        admits ?? (({ hopKey }) => mechanism === 'null' || this.#members.has(Buffer.from(hopKey).toString('hex'))),
      log,
      open,
      ...(heldMax === undefined ? {} : { heldMax }),
      ...(subscribed === undefined ? {} : { subscribed }),
    });
  }

  static async start(options?: HopWireOptions): Promise<HopWire> {
    const wire = new HopWire(await freePorts([0, 0, 0, 0]), options);
    await wire.listen();
    return wire;
  }

  async listen(): Promise<void> {
    const take = (port: 'join' | 'data') => (frame: Uint8Array) => {
      this.got.push({ port, frame: Buffer.from(frame) });
      this.wake();
      return this.take(port, frame);
    };
    const refused = ({ code }: Refusal) => {
      this.refused.push(code);
      this.wake();
    };
    await this.server.start({ join: take('join'), data: take('data'), refused });
  }

  /** Z85. */
  get serverKey(): string {
    return this.#keys.publicKey;
  }

  /** Somebody whom the data ports let in. */
  member(): Member {
    const member = this.stranger();
    this.#members.add(member.hopKey);
    return member;
  }

  stranger(): Member {
    if (this.mechanism === 'null') return { credentials: { mechanism: 'null' }, hopKey: '0'.repeat(64) };
    if (this.mechanism === 'plain') {
      const secret = randomBytes(32);
      return { credentials: { mechanism: 'plain', secret }, hopKey: plainHopKey(secret).toString('hex') };
    }
    const pair = curveKeyPair();
    const credentials = { mechanism: 'curve', ...pair, serverKey: this.#keys.publicKey } as const;
    return { credentials, hopKey: Buffer.from(decodeZ85(pair.publicKey)).toString('hex') };
  }

  remove({ hopKey }: Member): void {
    this.#members.delete(hopKey);
    this.server.drop(hopKey);
  }

  push(port: PortName, { credentials }: Member, options: object = {}): Push {
    const socket = new Push({ linger: 0, ...clientOptions(credentials, domainOf(port)), ...options });
    this.#sockets.push(socket);
    socket.connect(`tcp://127.0.0.1:${this.ports[port]}`);
    return socket;
  }

  /** `topics` are subscribed to before it connects, which it does from the address `from`. */
  sub(port: PortName, { credentials }: Member, topics: (string | Buffer)[], from?: string): Subscriber {
    const socket = new Subscriber({ linger: 0, ...clientOptions(credentials, domainOf(port)) });
    this.#sockets.push(socket);
    for (const topic of topics) socket.subscribe(topic);
    socket.connect(`tcp://${from === undefined ? '' : `${from}:0;`}127.0.0.1:${this.ports[port]}`);
    return socket;
  }

  /** Resolves when `holds`, which is looked at with everything that comes and every tenth of a second. */
  async until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    const repeat = setInterval(look, 100);
    this.#waiting.add(look);
    look();
    await promise;
    this.#waiting.delete(look);
    clearInterval(repeat);
  }

  cuts(reason: string): number {
    return this.server.cuts()[reason] ?? 0;
  }

  wake(): void {
    for (const look of this.#waiting) look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.server.stop();
  }
}

function domainOf(port: PortName): 'join' | 'data' {
  return port.startsWith('join') ? 'join' : 'data';
}

/** What comes of a socket's first handshake. */
export function firstOf(socket: Push | Subscriber): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const types = ['handshake', 'handshake:error:auth', 'handshake:error:protocol', 'handshake:error:other'] as const;
  for (const type of types) socket.events.on(type, () => resolve(type));
  return promise;
}

/** Resolves when a connection of the socket is lost. */
export function lost(socket: Push | Subscriber): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.events.on('disconnect', () => resolve());
  return promise;
}
