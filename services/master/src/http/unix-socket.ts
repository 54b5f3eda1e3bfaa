// A Unix socket beside the server's port, for a proxy on the same machine: who may open the file may speak, and nobody else
// finds a port to speak to.
import { once } from 'node:events';
import { lstatSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { cannotListen, StartError } from '@sealcast/runtime/run';
import type { FastifyInstance } from 'fastify';

/** What is under way when the server closes has so long to end. */
const closeWithinMs = 1000;

/**
 * To be called before the server is ready; gives what listens. The file is for this user alone.
 * @param requestTimeout milliseconds that a request may take to arrive
 */
export function unixSocket(app: FastifyInstance, path: string, requestTimeout: number): () => Promise<void> {
  const server = createServer({ requestTimeout }, (request, response) => app.routing(request, response));
  app.addHook('onClose', async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    const patience = setTimeout(() => server.closeAllConnections(), closeWithinMs);
    await closed;
    clearTimeout(patience);
  });
  return async () => {
    await app.ready();
    await removeLeftOver(path);
    const listening = once(server, 'listening');
    // The name is made within the call: nobody else can open it in between.
    const before = process.umask(0o177);
    server.listen({ path });
    process.umask(before);
    await listening.catch(cannotListen(path));
    app.log.info(`listening at ${path}`);
  };
}

/** A master that was killed leaves its socket behind. Throws StartError where something else has the name. */
async function removeLeftOver(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new StartError(`server_socket names "${path}", where something else is; write a path that is free`);
  if (await answers(path)) throw new StartError(`can't listen at ${path}: another master does`);
  unlinkSync(path);
}

async function answers(path: string): Promise<boolean> {
  const client = connect(path);
  try {
    await once(client, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}
