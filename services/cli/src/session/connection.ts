// A signed-in client, and what has to be done when it is needed no more.
import type { MasterClient } from '../api/master-client.ts';

export class Connection implements Disposable {
  readonly client: MasterClient;
  readonly #end: () => void;

  constructor(client: MasterClient, end: () => void = () => undefined) {
    this.client = client;
    this.#end = end;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
