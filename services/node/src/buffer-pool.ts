// Node 26 cuts small buffers from pools of 64 KiB, and one buffer that lives on keeps its whole pool. A node makes a few
// hundred bytes at a time.
const poolBytes = 8192;

/** For the pools from now on. */
export function keepPoolsSmall(): void {
  Buffer.poolSize = poolBytes;
}
