// Samples are written many at a time and acknowledged afterwards: an ACK says that they are on disk.
import type { Sample } from '@sealcast/channel/payloads';
import type { Store } from '../store/store.ts';

const batchMs = 50;
// Above it a batch does not wait: one node that floods must not fill the memory.
const batchSamples = 256;

export interface Reporter {
  node: string;
  /** Called after the samples are on disk. */
  stored: () => void;
}

export class ReportInbox {
  readonly #store: Store;
  readonly #failed: (error: unknown) => void;
  #waiting: (Reporter & { samples: Sample[] })[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `failed` hears of a batch that could not be written; its nodes will send it again. */
  constructor(store: Store, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  add(reporter: Reporter, samples: Sample[]): void {
    if (samples.length === 0) {
      reporter.stored();
      return;
    }
    this.#waiting.push({ ...reporter, samples });
    this.#size += samples.length;
    if (this.#size >= batchSamples) return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), batchMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#size = 0;
    if (batch.length === 0) return;
    try {
      this.#store.samples.insert(batch.map(({ node, samples }) => ({ node, samples })));
    } catch (error) {
      this.#failed(error);
      return;
    }
    for (const { stored } of batch) this.#tell(stored);
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
