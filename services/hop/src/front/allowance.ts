// What one connection may say: so many bytes before ZAP has let it in, so many in a join, and a rate from then on.
import { type PortName, portDomain } from '../sockets.ts';
import type { CutReason } from './cuts.ts';
import * as limits from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

export class Allowance {
  /** What it may, as a multiple of what a node may. */
  weight = 1;
  readonly #port: PortName;
  #spent = 0;
  #bucket: TokenBucket | undefined;

  constructor(port: PortName) {
    this.#port = port;
  }

  /** From now on it has the rate of a node or a relay. */
  begin(isRelay: boolean): void {
    this.weight = isRelay ? limits.relayWeight : 1;
    this.#bucket = new TokenBucket(limits.rateAt(this.#port, isRelay), performance.now());
  }

  /** @returns milliseconds to wait before the next, or why it is to be cut */
  pay(cost: number, { isAdmitted, isRelay }: { isAdmitted: boolean; isRelay: boolean }): number | CutReason {
    this.#spent += cost;
    const waitMs = this.#bucket?.take(cost, performance.now()) ?? 0;
    if (!isAdmitted && this.#spent > limits.handshakeBytes) return 'cut.handshake-bytes';
    const isSingleJoin = portDomain[this.#port] === 'join' && !isRelay;
    if (isSingleJoin && this.#spent > this.#joinBytes) return 'cut.join-bytes';
    return this.#port === 'dataOut' && waitMs > 0 ? 'cut.subscriptions' : waitMs;
  }

  get #joinBytes(): number {
    return this.#port === 'joinOut' ? limits.joinTopicBytes : limits.joinBytes;
  }
}
