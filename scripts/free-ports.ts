import { createServer, type Server } from 'node:net';

/** As many free TCP ports of `address`, each the wished one where that is free; 0 wishes for none. */
export async function freePorts(wishes: number[], address = '127.0.0.1'): Promise<number[]> {
  const servers: Server[] = [];
  for (const wish of wishes) servers.push(await listen(wish, address).catch(async () => await listen(0, address)));
  const ports = servers.map((server) => {
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  });
  // All were held until now, so no two are the same.
  await Promise.all(servers.map(async (server) => await server[Symbol.asyncDispose]()));
  return ports;
}

async function listen(port: number, address: string): Promise<Server> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve(server));
  });
}
