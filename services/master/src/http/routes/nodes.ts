import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { History, NodeView } from '../../fleet/views.ts';
import type { Samples } from '../../store/samples.ts';
import { HttpError, refusals } from '../errors.ts';
import { sessionOf } from '../signed-in.ts';
import { closed, Done, Label, NodeParams, NoQuery } from './schemas.ts';

export interface NodesOptions {
  fleet: Fleet;
  samples: Samples;
  now: () => number;
}

const minuteMs = 60_000;
/** A year, which is the longest that samples are kept. */
const minutesMax = 525_600;
/** About what a chart has pixels for. */
const pointsMax = 600;

const schemas = {
  list: {
    tags: ['nodes'],
    summary: 'Every node of the roster, with its newest sample',
    querystring: NoQuery,
    response: {
      200: Type.Object({ time: Type.Integer(), nodes: Type.Array(NodeView) }, closed),
      ...refusals,
    },
  },
  history: {
    tags: ['nodes'],
    summary: 'What a node was like',
    description: 'At most 600 points: the mean of each stretch. Null where the machine does not tell.',
    params: NodeParams,
    // Text as it stands in the address: nothing is turned from one type into another.
    querystring: Type.Object({ minutes: Type.String({ pattern: '^[1-9][0-9]{0,5}$', default: '60' }) }, closed),
    response: { 200: History, ...refusals },
  },
  remove: {
    tags: ['nodes'],
    summary: 'Removes a node for good',
    description:
      'Its connections are cut, and nothing of it is let in again. With a new invite the machine is a new node.',
    params: NodeParams,
    querystring: NoQuery,
    response: { 204: Done, ...refusals },
  },
  rename: {
    tags: ['nodes'],
    summary: 'Gives a node a name',
    description: 'What people call it; null lets it be called as it says itself. Its host name stays among its facts.',
    params: NodeParams,
    querystring: NoQuery,
    body: Type.Object({ name: Type.Union([Label, Type.Null()]) }, closed),
    response: { 204: Done, ...refusals },
  },
  endClone: {
    tags: ['nodes'],
    summary: 'Lets in again who was held out as a copy of a node',
    params: NodeParams,
    querystring: NoQuery,
    response: { 204: Done, ...refusals },
  },
};

export const nodeRoutes: FastifyPluginAsyncTypebox<NodesOptions> = async (app, { fleet, samples, now }) => {
  app.get('/nodes', { schema: schemas.list }, () => ({ time: now(), nodes: fleet.nodes() }));

  app.get('/nodes/:id/history', { schema: schemas.history }, (request) => {
    const { id } = request.params;
    const minutes = Number(request.query.minutes);
    if (minutes > minutesMax) throw new HttpError('request.invalid');
    if (fleet.node(id) === undefined) throw new HttpError('node.unknown');
    // A sample of this very millisecond is in it.
    const to = now() + 1;
    return samples.history(id, to - minutes * minuteMs, to, pointsMax);
  });

  app.delete('/nodes/:id', { schema: schemas.remove }, async (request, reply) => {
    if (!fleet.remove(request.params.id, sessionOf(request).name)) throw new HttpError('node.unknown');
    return reply.status(204).send(null);
  });

  app.put('/nodes/:id/name', { schema: schemas.rename }, async (request, reply) => {
    const { params, body } = request;
    if (!fleet.rename(params.id, body.name, sessionOf(request).name)) throw new HttpError('node.unknown');
    return reply.status(204).send(null);
  });

  app.delete('/nodes/:id/clone', { schema: schemas.endClone }, async (request, reply) => {
    if (!fleet.endClone(request.params.id, sessionOf(request).name)) throw new HttpError('node.unknown');
    return reply.status(204).send(null);
  });
};
