import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses what would change something and was started by another site's page. */
export function refuseCrossSite(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (!readingMethods.has(request.method) && !isOurs(request)) throw new HttpError('request.cross-site');
  });
}

/** Refuses reading too: a browser keeps the answer from another site's page, but not a stream from being opened in its reader's name. */
export function refuseCrossSiteReading(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (!isOurs(request)) throw new HttpError('request.cross-site');
  });
}

/**
 * Browsers send Sec-Fetch-Site to HTTPS and to localhost, and Origin with every other request that changes something;
 * a program that sends neither carries no stranger's page.
 */
function isOurs({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return headers.origin === undefined || isSameHost(headers.origin, host);
}

function isSameHost(origin: string, host: string): boolean {
  const from = URL.parse(origin);
  // The scheme may differ: a proxy ends TLS. Without it a default port is not told from none.
  return from !== null && from.host !== '' && from.host === URL.parse(`${from.protocol}//${host}`)?.host;
}
