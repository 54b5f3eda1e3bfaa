// A ZAP handler (ZeroMQ RFC 27) that answers what a test wants, be it wrong, or nothing.
import { type Context, Router } from 'zeromq';

/** What it is asked, and what it answers, without the envelope: version, request id and so on. Undefined: nothing, ever. */
export type Answers = (request: Buffer[]) => (Buffer | string | undefined)[] | undefined;

export class ZapOfTheTest implements AsyncDisposable {
  readonly requests: Buffer[][] = [];
  readonly #socket: Router;
  readonly #answers: Answers;
  #answering: Promise<void> = Promise.resolve();

  private constructor(context: Context, answers: Answers) {
    this.#socket = new Router({ context, linger: 0 });
    this.#answers = answers;
  }

  static async start(context: Context, answers: Answers): Promise<ZapOfTheTest> {
    const zap = new ZapOfTheTest(context, answers);
    await zap.#socket.bind('inproc://zeromq.zap.01');
    zap.#answering = zap.#answer();
    return zap;
  }

  async #answer(): Promise<void> {
    for await (const [identity, delimiter, ...request] of this.#socket) {
      this.requests.push(request);
      const answer = this.#answers(request);
      if (answer === undefined || identity === undefined || delimiter === undefined) continue;
      await this.#socket.send([identity, delimiter, ...answer.map((part) => part ?? '')]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#answering;
  }
}
