// Whose question mq_zap_command is asked next. A stranger's key costs a run of the program like anybody's: so whom the roster or the
// relays know comes first, strangers never have all runs, and among either each address has its turn. Who of an address is next is drawn:
// the oldest of many would be asked when it is nearly too late. Who is too late for ZAP costs no run.
import { randomInt } from 'node:crypto';
import { zapTimeoutMs } from '@sealcast/channel/constants';

export interface Asker {
  /** What the limits for one address count by. */
  group: string;
  /** Whether the roster or the relays know its key. */
  isKnown: boolean;
}

interface Waiting extends Asker {
  /** From then on ZAP hears no answer. */
  lateMs: number;
  begin: (begins: boolean) => void;
}

/** By group; whose turn is next, first. Of one group the oldest first. */
type Queue = Map<string, Waiting[]>;

/** Runs at a time. */
const atOnce = 4;
const strangersAtOnce = 3;
const waitingMax = 64;

export class ZapTurns {
  readonly #nowMs: () => number;
  readonly #known: Queue = new Map();
  readonly #strangers: Queue = new Map();
  #running = 0;
  #strangersRunning = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @returns true when its turn has come, after which `over` has to be called; false where it has none */
  come(asker: Asker): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const queue = this.#queueOf(asker);
    const ofGroup = queue.get(asker.group) ?? [];
    ofGroup.push({ ...asker, lateMs: this.#nowMs() + zapTimeoutMs, begin: resolve });
    queue.set(asker.group, ofGroup);
    this.#serve();
    if (waitingIn(this.#known) + waitingIn(this.#strangers) > waitingMax) this.#dropOne();
    return promise;
  }

  over({ isKnown }: Asker): void {
    this.#running -= 1;
    if (!isKnown) this.#strangersRunning -= 1;
    this.#serve();
  }

  #queueOf({ isKnown }: Asker): Queue {
    return isKnown ? this.#known : this.#strangers;
  }

  #serve(): void {
    const nowMs = this.#nowMs();
    for (const one of [...this.#known.values(), ...this.#strangers.values()].flat())
      if (one.lateMs <= nowMs) this.#end(one, false);
    while (this.#running < atOnce) {
      const next = this.#draw();
      if (next === undefined) return;
      this.#running += 1;
      if (!next.isKnown) this.#strangersRunning += 1;
      this.#end(next, true);
    }
  }

  #draw(): Waiting | undefined {
    const mayBe = this.#strangersRunning < strangersAtOnce ? [this.#known, this.#strangers] : [this.#known];
    const queue = mayBe.find(({ size }) => size > 0);
    const [group, ofGroup = []] = queue?.entries().next().value ?? [];
    if (queue === undefined || group === undefined) return undefined;
    queue.delete(group);
    queue.set(group, ofGroup);
    return ofGroup[randomInt(ofGroup.length)];
  }

  // The newest of whoever has the most waiting; of strangers, where any wait.
  #dropOne(): void {
    const crowd = this.#strangers.size > 0 ? this.#strangers : this.#known;
    const [most] = [...crowd.values()].toSorted((some, others) => others.length - some.length);
    const newest = most?.at(-1);
    if (newest !== undefined) this.#end(newest, false);
  }

  #end(one: Waiting, begins: boolean): void {
    const queue = this.#queueOf(one);
    const others = (queue.get(one.group) ?? []).filter((other) => other !== one);
    // A key that stays has its place.
    if (others.length > 0) queue.set(one.group, others);
    else queue.delete(one.group);
    one.begin(begins);
  }
}

function waitingIn(queue: Queue): number {
  return [...queue.values()].reduce((sum, { length }) => sum + length, 0);
}
