import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below those that the kernel takes for connections that go out, which would be in the way of whoever listens there a moment later. */
const lowest = 10_000;
const highest = 32_767;

/**
 * As many free TCP ports of `address`, each the wished one where that is free; 0 wishes for none. Others who ask don't get them while this
 * process lives, though nobody listens there yet.
 */
export async function freePorts(wishes: number[], address = '127.0.0.1'): Promise<number[]> {
  const ports: number[] = [];
  for (const wish of wishes) {
    let port = wish === 0 ? randomInt(lowest, highest) : wish;
    while (!(await claim(port, address))) port = randomInt(lowest, highest);
    ports.push(port);
  }
  return ports;
}

// What holds the claim is a socket in Linux's abstract namespace, which goes with its process.
async function claim(port: number, address: string): Promise<boolean> {
  const claimed = await listen({ path: `\0sealcast-port-${port}` });
  if (claimed === undefined) return false;
  claimed.unref();
  const server = await listen({ port, host: address });
  await (server ?? claimed)[Symbol.asyncDispose]();
  return server !== undefined;
}

async function listen(where: { path: string } | { port: number; host: string }): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(where, () => resolve(server));
  });
}
