// The master's transport with its process, and clients of it.
import { readdirSync, readFileSync } from 'node:fs';
import type { Mechanism } from '@sealcast/channel/payloads';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Verdict } from '@sealcast/hop/admission';
import { clientOptions } from '@sealcast/hop/mechanism';
import type { Ports } from '@sealcast/hop/sockets';
import { Transport, type TransportStatus } from '@sealcast/master/transport/transport';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair, Push, type Socket, Subscriber } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

export class TransportWire implements AsyncDisposable {
  readonly transport: Transport;
  readonly statuses: TransportStatus[] = [];
  readonly got: Buffer[] = [];
  readonly lines: { msg?: string; [key: string]: unknown }[] = [];
  readonly ports: Ports;
  readonly server = curveKeyPair();
  readonly member = curveKeyPair();
  verdict: () => Verdict | Promise<Verdict> = () => true;
  /** What the master does with each frame, and with one of a join. */
  take: (frame: Uint8Array) => void = (frame) => this.got.push(Buffer.from(frame));
  takeJoin: (frame: Uint8Array) => void = (frame) => this.take(frame);
  readonly #mechanism: Mechanism;
  readonly #sockets: Socket[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor([dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0]: number[], mechanism: Mechanism) {
    this.#mechanism = mechanism;
    this.ports = { dataIn, dataOut, joinIn, joinOut };
    const member = Buffer.from(decodeZ85(this.member.publicKey));
    const write = (line: string) => {
      this.lines.push(JSON.parse(line));
      this.#wake();
    };
    this.transport = new Transport({
      host: '127.0.0.1',
      ports: this.ports,
      credentials: mechanism === 'curve' ? { mechanism, ...this.server } : { mechanism },
      admits: ({ hopKey }) => (mechanism === 'null' || member.equals(hopKey) ? this.verdict() : false),
      log: createLog('test', 'error', { write }),
      now: () => Date.now(),
      changed: (status) => {
        this.statuses.push(status);
        this.#wake();
      },
    });
  }

  static async start(mechanism: Mechanism = 'curve'): Promise<TransportWire> {
    const wire = new TransportWire(await freePorts([0, 0, 0, 0]), mechanism);
    const join = (frame: Uint8Array) => {
      wire.takeJoin(frame);
      wire.#wake();
    };
    const data = (frame: Uint8Array) => {
      wire.take(frame);
      wire.#wake();
    };
    await wire.transport.start({ join, data, refused: () => undefined });
    return wire;
  }

  push(port: 'dataIn' | 'joinIn' = 'dataIn'): Push {
    const socket = new Push({
      linger: 0,
      reconnectInterval: 50,
      immediate: true,
      sendHighWaterMark: 4000,
      ...this.#credentials(),
    });
    this.#sockets.push(socket);
    socket.connect(`tcp://127.0.0.1:${this.ports[port]}`);
    return socket;
  }

  sub(topic: string): Subscriber {
    const socket = new Subscriber({ linger: 0, ...this.#credentials() });
    this.#sockets.push(socket);
    socket.subscribe(topic);
    socket.connect(`tcp://127.0.0.1:${this.ports.dataOut}`);
    return socket;
  }

  #credentials() {
    if (this.#mechanism !== 'curve') return {};
    return clientOptions({ mechanism: 'curve', ...this.member, serverKey: this.server.publicKey }, 'data');
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

  #wake(): void {
    for (const look of this.#waiting) look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.transport.stop();
  }
}

/** The processes that this one started, and that run the transport. */
export function transportProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(/\nPPid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('transport/process.ts');
      } catch {
        return false;
      }
    });
}

export function killTransport(signal: NodeJS.Signals): void {
  const [pid] = transportProcesses();
  if (pid === undefined) throw new Error('the transport has no process');
  process.kill(pid, signal);
}

/** Bytes of its memory that are there and are its own. */
export function residentBytes(): number {
  const [pid] = transportProcesses();
  return Number(/\nRssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

export function openFiles(): number {
  const [pid] = transportProcesses();
  return readdirSync(`/proc/${pid}/fd`).length;
}
