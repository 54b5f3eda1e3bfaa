// The master's end of the wire: frames in, frames out, and nothing about what they mean.
import { HopServer, type HopServerOptions, type Outlet, type Receivers } from '@sealcast/hop/server';

export type { Outlet, Receivers };

export type TransportOptions = Pick<HopServerOptions, 'host' | 'ports' | 'credentials' | 'admits' | 'log'>;

export class Transport {
  readonly outlet: Outlet;
  readonly #server: HopServer;

  constructor(options: TransportOptions) {
    this.#server = new HopServer(options);
    this.outlet = this.#server.outlet;
  }

  /** Throws where a port is taken, and where the data port lets a stranger in. */
  start(receivers: Receivers): Promise<void> {
    return this.#server.start(receivers);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Cuts every connection to the data ports that was let in by this hop key, in hexadecimal. */
  drop(hopKey: string): void {
    this.#server.drop(hopKey);
  }
}
