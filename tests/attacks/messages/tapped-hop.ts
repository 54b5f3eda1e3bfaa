// A wire that somebody listens in on: four TCP ports before a master's, and every byte that goes over them. Under PLAIN and NULL
// that is enough to have the frames.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

const greetingBytes = 64;
const long = 2;
const command = 4;

/** The frames of one direction of a ZMTP connection (ZeroMQ RFC 37), but for commands; what is not whole yet is left out. */
function framesOf(stream: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = greetingBytes; at + 2 <= stream.length; ) {
    const flags = stream.readUInt8(at);
    const isLong = (flags & long) !== 0;
    if (isLong && at + 9 > stream.length) break;
    const start = at + (isLong ? 9 : 2);
    const length = isLong ? Number(stream.readBigUInt64BE(at + 1)) : stream.readUInt8(at + 1);
    if (start + length > stream.length) break;
    if ((flags & command) === 0) frames.push(stream.subarray(start, start + length));
    at = start + length;
  }
  return frames;
}

export class TappedHop implements AsyncDisposable {
  /** As the master's, in the same order. */
  readonly ports: number[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #streams: Buffer[][] = [];

  static async before(ports: number[]): Promise<TappedHop> {
    const tap = new TappedHop();
    for (const port of ports) {
      const server = createServer((near) => tap.#join(near, port));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const bound = server.address();
      if (typeof bound !== 'object' || bound === null) throw new Error('a port was to be bound');
      tap.ports.push(bound.port);
      tap.#servers.push(server);
    }
    return tap;
  }

  /** All that was said so far, in both directions. */
  frames(): Buffer[] {
    return this.#streams.flatMap((parts) => framesOf(Buffer.concat(parts)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
  }

  #join(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const parts: Buffer[] = [];
      this.#streams.push(parts);
      this.#sockets.add(from);
      from.on('data', (part) => {
        parts.push(Buffer.from(part));
        to.write(part);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.end();
      });
    }
  }
}
