import type { Server, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Who has not taken his answer by then is cut off. */
const closeWithinMs = 1000;

/**
 * Closing takes no longer than that, whoever is connected: also one that reads nothing, says nothing, or has not come through his TLS
 * handshake, whom Node's HTTP server does not count as a connection.
 */
export function boundClosing(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  const server: Server = app.server;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let patience: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    patience = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, closeWithinMs);
  });
  server.on('close', () => clearTimeout(patience));
}
