// V8 lets new objects fill two pages before it looks which are still needed; a sample is a third of a page, and all but a
// few of its objects are garbage at once. What grew old before it became garbage, a session's keys among it, V8 keeps for
// hours. Only node with --expose-gc can be told: the first takes less than 1 ms, the second 50 ms.
import { collectAll } from './start-garbage.ts';

const youngMs = 5000;
const oldMs = 300_000;

/** For as long as the process runs. */
export function collectLaterGarbage(): void {
  setInterval(() => globalThis.gc?.({ type: 'minor', execution: 'sync' }), youngMs).unref();
  setInterval(collectAll, oldMs).unref();
}
