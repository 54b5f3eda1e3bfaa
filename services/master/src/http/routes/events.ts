import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HttpError, refusals } from '../errors.ts';
import type { EventStreams } from '../event-streams.ts';
import { sessionOf } from '../signed-in.ts';
import { NoQuery } from './schemas.ts';

const schema = {
  tags: ['live'],
  summary: 'Everything that changes, as it happens',
  description:
    'Server-sent events named node, removed, command and transport, each with its view as JSON. A comment comes every 15 seconds. 16 streams a session.',
  querystring: NoQuery,
  response: {
    200: { description: 'A stream.', content: { 'text/event-stream': { schema: Type.String() } } },
    ...refusals,
  },
};

export const eventRoute: FastifyPluginAsyncTypebox<{ streams: EventStreams }> = async (app, { streams }) => {
  app.get('/events', { schema }, (request, reply) => {
    const { hash } = sessionOf(request);
    if (!streams.hasRoom(hash)) throw new HttpError('events.too-many');
    reply.hijack();
    // A hijacked answer has none of the reply's headers by itself.
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would gather what has to go out at once.
      'x-accel-buffering': 'no',
    });
    streams.open(hash, reply.raw);
  });
};
