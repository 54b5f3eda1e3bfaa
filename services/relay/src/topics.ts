// What nodes listen to, and so what has to be asked for above: topics of 16 bytes and nothing else, at most so many. Anybody can ask
// for topics that nothing is ever sent to; the oldest of these makes way for a new one, and so they keep nobody else out.
import { topicBytes } from './passage.ts';

const subscribe = 1;
const unsubscribe = 0;
const topicsMax = 16_384;

export class Topics {
  /** Nothing has come for these; the oldest first. */
  readonly #silent = new Map<string, Buffer>();
  readonly #used = new Map<string, Buffer>();

  /**
   * @param message as XPUB gives it: 1 ‖ topic at the first subscription, 0 ‖ topic after the last one has gone
   * @returns what is to be passed on, as messages for XSUB
   */
  take(message: Uint8Array): Buffer[] {
    const topic = Buffer.from(message.subarray(1));
    if (topic.length !== topicBytes) return [];
    const name = topic.toString('latin1');
    if (message[0] !== subscribe) return this.#remove(name) ? [asMessage(unsubscribe, topic)] : [];
    if (this.#used.has(name) || this.#silent.has(name)) return [asMessage(subscribe, topic)];
    const leaving = this.#makeRoom();
    if (leaving === undefined) return [];
    this.#silent.set(name, topic);
    return [...leaving.map((left) => asMessage(unsubscribe, left)), asMessage(subscribe, topic)];
  }

  /** A message came for it. */
  carried(topic: Uint8Array): void {
    const name = Buffer.from(topic).toString('latin1');
    const known = this.#silent.get(name);
    if (known === undefined) return;
    this.#silent.delete(name);
    this.#used.set(name, known);
  }

  /** As messages for XSUB. */
  *subscriptions(): Iterable<Buffer> {
    for (const topics of [this.#used, this.#silent])
      for (const topic of topics.values()) yield asMessage(subscribe, topic);
  }

  /** @returns who has to leave, or undefined where nobody can */
  #makeRoom(): Buffer[] | undefined {
    if (this.#silent.size + this.#used.size < topicsMax) return [];
    for (const [name, topic] of this.#silent) {
      this.#silent.delete(name);
      return [topic];
    }
    return undefined;
  }

  #remove(name: string): boolean {
    return this.#silent.delete(name) || this.#used.delete(name);
  }
}

function asMessage(kind: number, topic: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), topic]);
}
