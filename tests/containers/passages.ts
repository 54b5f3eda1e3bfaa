// Ways from a network of the engine to ports that are open on 127.0.0.1 alone, as another machine has them by a cable.
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

export class Passages implements Disposable {
  readonly #servers: Server[] = [];

  /** Whoever connects to `port` of `address` comes out at `port` of 127.0.0.1. */
  async open(address: string, ports: readonly (number | string)[]): Promise<void> {
    for (const port of ports.map(Number)) {
      const server = createServer((near) => {
        const far = connect(port, '127.0.0.1');
        near.pipe(far).pipe(near);
        for (const socket of [near, far])
          socket.on('error', () => {
            near.destroy();
            far.destroy();
          });
      });
      this.#servers.push(server);
      server.listen(port, address);
      await once(server, 'listening');
    }
  }

  [Symbol.dispose](): void {
    for (const server of this.#servers) server.close();
  }
}
