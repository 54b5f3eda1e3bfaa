// A middle on the line between a node and a master: it sees bytes, and can change them, repeat them, leave some out, and cut.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type PortName, type Ports, portNames } from '@sealcast/hop/sockets';

/** One connection through it. */
export interface Line {
  port: PortName;
  /** Bytes that passed so far. */
  up: number;
  down: number;
  /** The first 64 KiB that the node said. */
  said: Buffer[];
  closed: Promise<void>;
  isClosed: boolean;
}

/** What becomes of a chunk: those that are given go on; undefined cuts the line. */
type Meddling = (chunk: Buffer, direction: 'up' | 'down', line: Line) => Buffer[] | undefined;

export class TcpProxy implements AsyncDisposable {
  readonly ports: Ports = { dataIn: 0, dataOut: 0, joinIn: 0, joinOut: 0 };
  readonly lines: Line[] = [];
  target: Ports;
  meddle: Meddling = (chunk) => [chunk];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(target: Ports) {
    this.target = target;
  }

  static async start(target: Ports): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    for (const name of portNames) proxy.ports[name] = await proxy.#listen(name);
    return proxy;
  }

  /** Settings of a node that goes through it. */
  get env(): Record<string, string> {
    const { dataIn, dataOut, joinIn, joinOut } = this.ports;
    return {
      mq_sub_host: '127.0.0.1',
      mq_sub_port: String(dataIn),
      mq_pub_port: String(dataOut),
      mq_join_sub_port: String(joinIn),
      mq_join_pub_port: String(joinOut),
    };
  }

  /** From now on it leads elsewhere, for who is connected too. */
  lead(target: Ports): void {
    this.target = target;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(name: PortName): Promise<number> {
    const server = createServer((client) => this.#accept(client, name));
    this.#servers.push(server);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
    await promise;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it listens on no port');
    return address.port;
  }

  #accept(client: Socket, port: PortName): void {
    const server = connect({ host: '127.0.0.1', port: this.target[port] });
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const line: Line = { port, up: 0, down: 0, said: [], closed, isClosed: false };
    this.lines.push(line);
    const end = () => {
      line.isClosed = true;
      client.destroy();
      server.destroy();
      resolve();
    };
    const lead = (from: Socket, to: Socket, direction: 'up' | 'down') => {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        if (direction === 'up' && line.up < 65_536) line.said.push(chunk);
        const onward = this.meddle(chunk, direction, line);
        line[direction] += chunk.length;
        if (onward === undefined) return end();
        for (const part of onward) to.write(part);
      });
      from.on('error', end);
      from.on('close', () => {
        this.#sockets.delete(from);
        end();
      });
    };
    lead(client, server, 'up');
    lead(server, client, 'down');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = this.#servers.map((server) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      return promise;
    });
    await Promise.all(closed);
  }
}
