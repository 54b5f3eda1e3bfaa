// Who may connect at all: ZAP 1.0 (ZeroMQ RFC 27). It is bound before any server socket, and answers nothing but 200 and 400.
import { setTimeout } from 'node:timers/promises';
import { Reply } from 'zeromq';

const endpoint = 'inproc://zeromq.zap.01';
const bindTries = 20;
const bindAgainMs = 50;

export interface ZapRequest {
  domain: string;
  address: string;
  /** The client's public key, 32 bytes. */
  curveKey: Uint8Array;
}

export class ZapHandler {
  readonly #socket = new Reply({ linger: 0 });
  readonly #allows: (request: ZapRequest) => boolean;
  #answering: Promise<void> | undefined;

  /** `allows` decides on a well-formed CURVE request; throwing means no. */
  constructor(allows: (request: ZapRequest) => boolean) {
    this.#allows = allows;
  }

  async start(): Promise<void> {
    await this.#bind();
    this.#answering = this.#answer();
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#answering;
  }

  // The endpoint of a handler that was closed in this process is free a moment later; unbinding it before, while it waits to
  // receive, crashes libzmq.
  async #bind(triesLeft = bindTries): Promise<void> {
    try {
      await this.#socket.bind(endpoint);
    } catch (error) {
      if (triesLeft === 0) throw error;
      await setTimeout(bindAgainMs);
      await this.#bind(triesLeft - 1);
    }
  }

  async #answer(): Promise<void> {
    for await (const frames of this.#socket) {
      const [version, requestId] = frames;
      const status = this.#judge(frames) ? ['200', 'OK'] : ['400', 'No'];
      await this.#socket.send([version ?? '1.0', requestId ?? '', ...status, '', '']);
    }
  }

  #judge(frames: Buffer[]): boolean {
    const [version, , domain, address, , mechanism, curveKey] = frames;
    if (frames.length !== 7 || curveKey?.length !== 32) return false;
    if (version?.toString() !== '1.0' || mechanism?.toString() !== 'CURVE') return false;
    try {
      return this.#allows({ domain: String(domain), address: String(address), curveKey });
    } catch {
      return false;
    }
  }
}
