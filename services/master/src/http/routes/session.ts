import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { refusals } from '../errors.ts';
import type { SessionCookie } from '../session-cookie.ts';
import { sessionOf } from '../signed-in.ts';
import type { WebSignIns } from '../web-sign-ins.ts';
import { closed, Done, NoQuery } from './schemas.ts';

export interface SessionOptions {
  signIns: WebSignIns;
  cookie: SessionCookie;
}

const schemas = {
  read: {
    tags: ['session'],
    summary: 'Who is signed in',
    querystring: NoQuery,
    response: { 200: Type.Object({ name: Type.String() }, closed), ...refusals },
  },
  end: {
    tags: ['session'],
    summary: 'Signs out',
    description: 'Ends the session, and every event stream of it.',
    querystring: NoQuery,
    response: { 204: Done, ...refusals },
  },
};

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionOptions> = async (app, { signIns, cookie }) => {
  app.get('/session', { schema: schemas.read }, (request) => ({ name: sessionOf(request).name }));

  app.delete('/session', { schema: schemas.end }, async (request, reply) => {
    signIns.end(sessionOf(request).hash);
    return reply.clearCookie(cookie.name, cookie.options).status(204).send(null);
  });
};
