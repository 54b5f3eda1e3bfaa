// A middle of TCP that changes nothing and keeps everything that passes, both ways.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export class RecordingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Of each direction of each connection. */
  readonly #flows: Buffer[][] = [];

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const master = connect(port, '127.0.0.1');
      this.#record(client, master);
      this.#record(master, client);
    });
  }

  /** In front of `port` of this machine. */
  static async before(port: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  get flows(): Buffer[] {
    return this.#flows.map((flow) => Buffer.concat(flow));
  }

  #record(from: Socket, to: Socket): void {
    const flow: Buffer[] = [];
    this.#flows.push(flow);
    this.#sockets.add(from);
    from.on('data', (chunk: Buffer) => flow.push(chunk));
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
