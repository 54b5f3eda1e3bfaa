import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { refusals } from '../errors.ts';
import type { StoreProbe } from '../store-probe.ts';
import { closed, NoQuery } from './schemas.ts';

export interface ReadyOptions {
  fleet: Pick<Fleet, 'transport'>;
  probe: StoreProbe;
}

const Parts = {
  /** The process that has the sockets runs. */
  wire: Type.Boolean(),
  /** What nodes report can be written down. */
  store: Type.Boolean(),
};
const schema = {
  tags: ['health'],
  summary: 'Whether nodes can report now',
  description:
    'Readiness: 503 names the part that is not. A new start does not help: the master mends itself, or its operator has to.',
  security: [],
  querystring: NoQuery,
  response: {
    200: Type.Object({ status: Type.Literal('ready'), ...Parts }, closed),
    ...refusals,
    503: Type.Object({ status: Type.Literal('not ready'), ...Parts }, closed),
  },
};

/** Whether nodes can report now. A master that is alive and not ready mends itself, or needs its operator: no new start helps. */
export const readyRoute: FastifyPluginAsyncTypebox<ReadyOptions> = async (app, { fleet, probe }) => {
  app.get('/ready', { schema }, async (_request, reply) => {
    const parts = { wire: fleet.transport().up, store: probe.writes() };
    return parts.wire && parts.store
      ? reply.status(200).send({ status: 'ready' as const, ...parts })
      : reply.status(503).send({ status: 'not ready' as const, ...parts });
  });
};
