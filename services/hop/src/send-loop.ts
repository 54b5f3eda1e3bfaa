// A ZeroMQ socket takes one send at a time, and throws at a second: each has one owner, which is this loop.

/** What a loop needs of a socket of zeromq. */
export interface Sender {
  readonly closed: boolean;
  send(frames: Uint8Array[]): Promise<void>;
}

export class SendLoop {
  readonly #socket: Sender;
  readonly #failed: (error: unknown) => void;
  #tail: Promise<void> = Promise.resolve();

  /** `failed` hears of a send that did not succeed while the socket was open; what closing cuts off is no failure. */
  constructor(socket: Sender, failed: (error: unknown) => void) {
    this.#socket = socket;
    this.#failed = failed;
  }

  /** Sends `frames` as one message after all that were given before. */
  send(...frames: Uint8Array[]): void {
    this.#tail = this.#tail.then(() => this.#sendNow(frames));
  }

  /** Resolves when all that was given so far has been handed to ZeroMQ. */
  flushed(): Promise<void> {
    return this.#tail;
  }

  async #sendNow(frames: Uint8Array[]): Promise<void> {
    if (this.#socket.closed) return;
    try {
      await this.#socket.send(frames);
    } catch (error) {
      if (!this.#socket.closed) this.#failed(error);
    }
  }
}
