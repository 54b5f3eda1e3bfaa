import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { RelayView } from '../../fleet/views.ts';
import { HttpError, refusals } from '../errors.ts';
import { sessionOf } from '../signed-in.ts';
import { closed, Done, Label, NoQuery, RelayId } from './schemas.ts';

export interface RelaysOptions {
  fleet: Fleet;
  /** The master's own; undefined where it does not know its host, or speaks no CURVE. */
  hopLine: string | undefined;
}

const schemas = {
  list: {
    tags: ['relays'],
    summary: 'Every relay, and the line by which relays reach this master',
    querystring: NoQuery,
    response: {
      200: Type.Object(
        {
          /** How relays reach this master; '' where that is not known. */
          line: Type.String(),
          relays: Type.Array(RelayView),
        },
        closed,
      ),
      ...refusals,
    },
  },
  add: {
    tags: ['relays'],
    summary: 'Lets a relay in, by its line',
    querystring: NoQuery,
    body: Type.Object({ name: Label, line: Type.String({ minLength: 1, maxLength: 1024 }) }, closed),
    response: { 201: RelayView, ...refusals },
  },
  remove: {
    tags: ['relays'],
    summary: 'Removes a relay, and cuts it off',
    params: Type.Object({ id: RelayId }, closed),
    querystring: NoQuery,
    response: { 204: Done, ...refusals },
  },
};

export const relayRoutes: FastifyPluginAsyncTypebox<RelaysOptions> = async (app, { fleet, hopLine = '' }) => {
  app.get('/relays', { schema: schemas.list }, () => ({ line: hopLine, relays: fleet.relays() }));

  app.post('/relays', { schema: schemas.add }, async (request, reply) => {
    const relay = fleet.addRelay({ ...request.body, by: sessionOf(request).name });
    if (relay === 'malformed') throw new HttpError('relay.line');
    if (relay === 'known') throw new HttpError('relay.known');
    if (relay === 'taken') throw new HttpError('relay.taken');
    return reply.status(201).send(relay);
  });

  app.delete('/relays/:id', { schema: schemas.remove }, async (request, reply) => {
    if (!fleet.removeRelay(request.params.id, sessionOf(request).name)) throw new HttpError('relay.unknown');
    return reply.status(204).send(null);
  });
};
