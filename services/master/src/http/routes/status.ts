import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { TransportView } from '../../fleet/views.ts';
import { refusals } from '../errors.ts';
import { closed, NoQuery } from './schemas.ts';

const schema = {
  tags: ['live'],
  summary: 'The process that has the sockets',
  querystring: NoQuery,
  response: { 200: Type.Object({ transport: TransportView }, closed), ...refusals },
};

export const statusRoute: FastifyPluginAsyncTypebox<{ fleet: Fleet }> = async (app, { fleet }) => {
  app.get('/status', { schema }, () => ({ transport: fleet.transport() }));
};
