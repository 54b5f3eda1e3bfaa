// A signed-in client, and what has to be done when it is needed no more.
import type { MasterClient } from '../api/master-client.ts';

export class Connection implements Disposable {
  readonly client: MasterClient;
  /** Where somebody has signed in; null beside the master, who does not know what stands in front of it. */
  readonly page: URL | null;
  readonly #end: () => void;

  constructor(client: MasterClient, page: URL | null, end: () => void = () => undefined) {
    this.client = client;
    this.page = page;
    this.#end = end;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
