// What starting and joining leaves behind is a fifth of a node's memory, and V8 would keep it for hours: it sees no need on a
// machine with memory to spare, which belongs to somebody else. Only node with --expose-gc can be told.
const afterMs = 3000;

/** Once, a while from now. */
export function collectStartGarbage(): void {
  setTimeout(collectAll, afterMs).unref();
}

/** Whatever can go, and the memory goes back to the machine. With --bytecode-old-age=1, what was compiled and is not running goes too. */
export function collectAll(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
