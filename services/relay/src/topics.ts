// What nodes listen to, and so what has to be asked for above: topics of 16 bytes and nothing else, at most so many. Anybody can ask
// for topics that nothing is ever sent to. What came and went before its turn is never asked for, turns are given to the newest and the
// oldest in turn, and room is made by what nobody listens to any more, then by a younger one that nothing came for.
import { randomInt } from 'node:crypto';
import { topicBytes } from './passage.ts';

const subscribe = 1;
const unsubscribe = 0;
const waitingMax = 16_384;

export class Topics {
  readonly #max: number;
  /** Not asked for yet; the oldest first, as all below. */
  readonly #waiting = new Map<string, Buffer>();
  /** Asked for; nothing has come for these. */
  readonly #silent = new Map<string, Buffer>();
  readonly #used = new Map<string, Buffer>();
  /** Asked for, and nobody listens any more. */
  readonly #left = new Map<string, Buffer>();
  #isNewestNext = true;

  /** @param max how many may be asked for at once */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many are asked for. */
  get size(): number {
    return this.#silent.size + this.#used.size + this.#left.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get left(): number {
    return this.#left.size;
  }

  /** @param message as XPUB gives it: 1 ‖ topic at the first subscription, 0 ‖ topic after the last one has gone */
  take(message: Uint8Array): void {
    const topic = Buffer.from(message.subarray(1));
    if (topic.length !== topicBytes) return;
    const name = topic.toString('latin1');
    if (message[0] === subscribe) this.#add(name, topic);
    else this.#remove(name);
  }

  /** A message came for it. */
  carried(topic: Uint8Array): void {
    const name = Buffer.from(topic).toString('latin1');
    const known = this.#silent.get(name);
    if (known === undefined) return;
    this.#silent.delete(name);
    this.#used.set(name, known);
  }

  /** @returns what is to be asked for next, behind what makes room for it, as messages for XSUB; nothing where there is no room */
  next(): Buffer[] {
    const turn = this.#turn();
    if (turn === undefined) return [];
    const [name, topic] = turn;
    const leaving = this.size < this.#max ? [] : this.#makeRoom();
    if (leaving === undefined) return [];
    this.#isNewestNext = !this.#isNewestNext;
    this.#waiting.delete(name);
    this.#silent.set(name, topic);
    return [...leaving, asMessage(subscribe, topic)];
  }

  /** @returns the message for XSUB that takes back what nobody listens to */
  forget(): Buffer[] {
    return takeOne(this.#left, 0);
  }

  /** All that is asked for, as messages for XSUB. */
  *subscriptions(): Iterable<Buffer> {
    for (const topics of [this.#used, this.#silent, this.#left])
      for (const topic of topics.values()) yield asMessage(subscribe, topic);
  }

  #add(name: string, topic: Buffer): void {
    if (this.#used.has(name) || this.#silent.has(name)) return;
    if (this.#left.delete(name)) {
      this.#silent.set(name, topic);
      return;
    }
    this.#waiting.set(name, topic);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > waitingMax && oldest !== undefined) this.#waiting.delete(oldest);
  }

  #remove(name: string): void {
    if (this.#waiting.delete(name)) return;
    const topic = this.#silent.get(name) ?? this.#used.get(name);
    if (topic === undefined) return;
    this.#silent.delete(name);
    this.#used.delete(name);
    this.#left.set(name, topic);
  }

  #turn(): [string, Buffer] | undefined {
    return this.#isNewestNext ? [...this.#waiting].at(-1) : this.#waiting.entries().next().value;
  }

  #makeRoom(): Buffer[] | undefined {
    if (this.#left.size > 0) return takeOne(this.#left, 0);
    const { size } = this.#silent;
    return size === 0 ? undefined : takeOne(this.#silent, randomInt(Math.floor(size / 2), size));
  }
}

function takeOne(topics: Map<string, Buffer>, at: number): Buffer[] {
  const [name, topic] = topics.entries().drop(at).next().value ?? [];
  if (name === undefined || topic === undefined) return [];
  topics.delete(name);
  return [asMessage(unsubscribe, topic)];
}

function asMessage(kind: number, topic: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), topic]);
}
