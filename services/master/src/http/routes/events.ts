import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HttpError, refusals } from '../errors.ts';
import type { EventStreams } from '../event-streams.ts';
import { sessionOf } from '../signed-in.ts';
import { NoQuery } from './schemas.ts';

const schema = {
  querystring: NoQuery,
  produces: ['text/event-stream'],
  response: {
    200: Type.String({ description: 'events named node, removed, command and transport, each with its view as JSON' }),
    ...refusals,
  },
};

export const eventRoute: FastifyPluginAsyncTypebox<{ streams: EventStreams }> = async (app, { streams }) => {
  app.get('/events', { schema }, (request, reply) => {
    const { hash } = sessionOf(request);
    if (!streams.hasRoom(hash)) throw new HttpError('events.too-many');
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would gather what has to go out at once.
      'x-accel-buffering': 'no',
    });
    streams.open(hash, reply.raw);
  });
};
