// Whose handshake libzmq takes next. One address has so many at once, and so many a second in the long run; who comes too soon waits
// behind those of its own address alone.
import { handshakeRate } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Newcomer {
  /** What the limits for one address count by. */
  readonly group: string;
  /** Its turn has come. */
  turn(): void;
}

interface Queue {
  bucket: TokenBucket;
  cameMs: number;
  /** Who came first, first. */
  waiting: Set<Newcomer>;
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
      waiting: new Set(),
    };
    queue.cameMs = nowMs;
    this.#queues.delete(one.group);
    this.#queues.set(one.group, queue);
    this.#forget(nowMs);
    if (queue.waiting.size === 0 && queue.bucket.takeIfThere(1, nowMs)) return true;
    queue.waiting.add(one);
    this.#serve(queue);
    return false;
  }

  /** It waits no longer, and took nothing. */
  leave(one: Newcomer): void {
    const queue = this.#queues.get(one.group);
    if (queue?.waiting.delete(one) !== true || queue.waiting.size > 0) return;
    clearTimeout(queue.timer);
    queue.timer = undefined;
  }

  #serve(queue: Queue): void {
    queue.timer ??= setTimeout(
      () => {
        queue.timer = undefined;
        for (const one of queue.waiting) {
          if (!queue.bucket.takeIfThere(1, performance.now())) break;
          queue.waiting.delete(one);
          one.turn();
        }
        if (queue.waiting.size > 0) this.#serve(queue);
      },
      queue.bucket.wait(1, performance.now()),
    );
  }

  #forget(nowMs: number): void {
    for (const [group, { cameMs, waiting }] of this.#queues) {
      if (nowMs - cameMs < forgottenMs) return;
      if (waiting.size === 0) this.#queues.delete(group);
    }
  }
}
