// Whether this node is live, told to whoever asks at a socket in its state folder. A file would wear an SD card.
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const socketName = 'health.sock';
const patienceMs = 3000;

/** Answers until it is closed; `isLive` is asked each time. */
export async function answerHealth(stateFolder: string, isLive: () => boolean): Promise<Server> {
  const path = join(stateFolder, socketName);
  rmSync(path, { force: true });
  const server = createServer((peer) => {
    peer.on('error', () => peer.destroy());
    peer.end(isLive() ? 'live' : 'not live');
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(path, resolve);
  await promise;
  server.unref();
  return server;
}

/** Asks the node that runs on `stateFolder`. */
export async function askHealth(stateFolder: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let answer = '';
  const peer = connect(join(stateFolder, socketName));
  peer.setTimeout(patienceMs, () => peer.destroy());
  peer.on('data', (chunk) => (answer += chunk.toString()));
  peer.on('error', () => resolve(false));
  peer.on('close', () => resolve(answer === 'live'));
  return await promise;
}
