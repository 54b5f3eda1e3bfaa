import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSession } from '../store/store.ts';
import { HttpError } from './errors.ts';
import { type SessionCookie, tokenIn } from './session-cookie.ts';
import type { WebSignIns } from './web-sign-ins.ts';

declare module 'fastify' {
  interface FastifyRequest {
    webSession: WebSession | null;
  }
}

/** Every route of `app` from now on is for those who are signed in. */
export function requireSignIn(app: FastifyInstance, signIns: WebSignIns, cookie: SessionCookie): void {
  app.decorateRequest('webSession', null);
  app.addHook('onRequest', async (request) => {
    const session = signIns.use(tokenIn(request.headers.cookie, cookie));
    if (session === undefined) throw new HttpError('session.none');
    request.webSession = session;
  });
}

export function sessionOf(request: FastifyRequest): WebSession {
  if (request.webSession === null) throw new HttpError('session.none');
  return request.webSession;
}
