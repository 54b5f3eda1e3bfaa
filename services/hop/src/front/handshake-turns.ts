// Whose handshake libzmq takes next. One address has so many at once, and so many a second in the long run; who comes too soon waits
// behind those of its own address alone. Who of them is next is drawn, from who would join and who has joined in turn: whatever others
// of that address do and when, who waits has the same chance as each of them.
import { randomInt } from 'node:crypto';
import type { ZapDomain } from '../mechanism.ts';
import { handshakeRate } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Newcomer {
  /** What the limits for one address count by. */
  readonly group: string;
  readonly domain: ZapDomain;
  /** Its turn has come. */
  turn(): void;
}

interface Queue {
  bucket: TokenBucket;
  cameMs: number;
  waiting: Record<ZapDomain, Newcomer[]>;
  /** Whose turn it is, if anybody waits there. */
  next: ZapDomain;
  timer?: NodeJS.Timeout | undefined;
}

/** After so long without anybody there is nothing left to remember. */
const forgottenMs = (handshakeRate.burst / handshakeRate.perSecond) * 1000;

export class HandshakeTurns {
  /** By group; who came last, last. */
  readonly #queues = new Map<string, Queue>();

  /** @returns whether it is its turn now; otherwise `turn` is called when it is */
  come(one: Newcomer): boolean {
    const nowMs = performance.now();
    const queue = this.#queues.get(one.group) ?? {
      bucket: new TokenBucket(handshakeRate, nowMs),
      cameMs: 0,
      waiting: { join: [], data: [] },
      next: 'join',
    };
    queue.cameMs = nowMs;
    this.#queues.delete(one.group);
    this.#queues.set(one.group, queue);
    this.#forget(nowMs);
    if (isEmpty(queue) && queue.bucket.takeIfThere(1, nowMs)) return true;
    queue.waiting[one.domain].push(one);
    this.#serve(queue);
    return false;
  }

  /** It waits no longer, and took nothing. */
  leave(one: Newcomer): void {
    const queue = this.#queues.get(one.group);
    const waiting = queue?.waiting[one.domain] ?? [];
    const at = waiting.indexOf(one);
    if (queue === undefined || at < 0) return;
    waiting.splice(at, 1);
    if (!isEmpty(queue)) return;
    clearTimeout(queue.timer);
    queue.timer = undefined;
  }

  #serve(queue: Queue): void {
    queue.timer ??= setTimeout(
      () => {
        queue.timer = undefined;
        while (!isEmpty(queue) && queue.bucket.takeIfThere(1, performance.now())) draw(queue)?.turn();
        if (!isEmpty(queue)) this.#serve(queue);
      },
      queue.bucket.wait(1, performance.now()),
    );
  }

  #forget(nowMs: number): void {
    for (const [group, queue] of this.#queues) {
      if (nowMs - queue.cameMs < forgottenMs) return;
      if (isEmpty(queue)) this.#queues.delete(group);
    }
  }
}

function isEmpty({ waiting: { join, data } }: Queue): boolean {
  return join.length + data.length === 0;
}

function draw(queue: Queue): Newcomer | undefined {
  const other = queue.next === 'join' ? 'data' : 'join';
  const waiting = queue.waiting[queue.next].length > 0 ? queue.waiting[queue.next] : queue.waiting[other];
  queue.next = other;
  const [drawn] = waiting.splice(randomInt(waiting.length), 1);
  return drawn;
}
