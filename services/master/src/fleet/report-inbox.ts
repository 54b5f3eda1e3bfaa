// Samples are written many at a time and acknowledged afterwards: an ACK says that they are on disk. Of each node one report
// waits, and a batch takes them in turn, so that a node that floods is itself the only one that waits for it.
import type { Sample } from '@sealcast/channel/payloads';
import type { Store } from '../store/store.ts';

const batchMs = 50;
// What is written without looking at anything else.
const batchSamples = 256;

interface Report {
  samples: Sample[];
  /** Of this report, and of those that came while it waited. */
  stored: (() => void)[];
}

export class ReportInbox {
  readonly #store: Store;
  readonly #failed: (error: unknown) => void;
  /** By node, the oldest first. */
  readonly #waiting = new Map<string, Report>();
  #timer: NodeJS.Timeout | undefined;

  /** `failed` hears of a batch that could not be written; its nodes will send it again. */
  constructor(store: Store, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  /**
   * Calls `stored` once something of the node is on disk. A report that comes while another one of the node waits is left out:
   * the ACK says up to where the samples are there, and the node sends the others again.
   */
  add(node: string, samples: Sample[], stored: () => void): void {
    const waiting = this.#waiting.get(node);
    if (waiting !== undefined) {
      // Who sends on and on without waiting is answered as often as an honest node asks.
      if (waiting.stored.length < 2) waiting.stored.push(stored);
    } else if (samples.length === 0) {
      stored();
    } else {
      this.#waiting.set(node, { samples, stored: [stored] });
      this.#timer ??= setTimeout(() => this.#write(), batchMs);
    }
  }

  /** How many nodes have a report waiting. */
  get size(): number {
    return this.#waiting.size;
  }

  /** What waits of `node` is not written any more. */
  forget(node: string): void {
    this.#waiting.delete(node);
  }

  /** Writes all that waits. */
  flush(): void {
    while (this.#waiting.size > 0) this.#write();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #write(): void {
    clearTimeout(this.#timer);
    const batch = this.#next();
    // What is left has its turn after whatever else has come meanwhile.
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => this.#write(), 0) : undefined;
    if (batch.length === 0) return;
    try {
      this.#store.samples.insert(batch.map(([node, { samples }]) => ({ node, samples })));
    } catch (error) {
      this.#failed(error);
      return;
    }
    for (const [, { stored }] of batch) for (const tell of stored) this.#tell(tell);
  }

  #next(): [string, Report][] {
    const batch: [string, Report][] = [];
    let size = 0;
    for (const entry of this.#waiting) {
      const [node, { samples }] = entry;
      if (batch.length > 0 && size + samples.length > batchSamples) break;
      size += samples.length;
      batch.push(entry);
      this.#waiting.delete(node);
    }
    return batch;
  }

  // What goes wrong with one node's ACK is not the others' loss.
  #tell(stored: () => void): void {
    try {
      stored();
    } catch (error) {
      this.#failed(error);
    }
  }
}
