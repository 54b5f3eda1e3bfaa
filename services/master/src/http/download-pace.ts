// How slowly a large file may be taken: who holds a place has to use it.
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';

/** Sixteen kilobytes a second, as the slowest mobile lines have; for a while a line may also stand still. */
export const downloadPace = { bytes: 327_680, everyMs: 20_000 };

/** Cuts who takes less of the answer. */
export function keepPace(response: ServerResponse): void {
  let before = taken(response);
  const timer = setInterval(() => {
    const now = taken(response);
    if (now - before < downloadPace.bytes) response.destroy();
    before = now;
  }, downloadPace.everyMs);
  finished(response, () => clearInterval(timer));
}

// What waits in this process was not taken.
function taken({ socket }: ServerResponse): number {
  return socket === null ? 0 : socket.bytesWritten - socket.writableLength;
}
