// What nodes listen to, and so what has to be asked for above: topics of 16 bytes and nothing else, at most so many.

import { topicBytes } from './passage.ts';

const subscribe = 1;
const topicsMax = 16_384;

export class Topics {
  readonly #topics = new Map<string, Buffer>();

  /**
   * @param message as XPUB gives it: 1 ‖ topic at the first subscription, 0 ‖ topic after the last one has gone
   * @returns whether it is to be passed on
   */
  take(message: Uint8Array): boolean {
    const topic = Buffer.from(message.subarray(1));
    if (topic.length !== topicBytes) return false;
    const name = topic.toString('latin1');
    if (message[0] !== subscribe) return this.#topics.delete(name);
    if (this.#topics.size >= topicsMax) return false;
    this.#topics.set(name, topic);
    return true;
  }

  /** As messages for XSUB. */
  *subscriptions(): Iterable<Buffer> {
    for (const topic of this.#topics.values()) yield Buffer.concat([Buffer.from([subscribe]), topic]);
  }
}
