import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { refusals } from '../errors.ts';
import { closed, NoQuery } from './schemas.ts';

const Counts = Type.Record(Type.String(), Type.Integer());

const schema = {
  tags: ['security'],
  summary: 'Refused frames and cut connections, by reason',
  description: 'Counted since the master started. PROTOCOL.md explains each code.',
  querystring: NoQuery,
  response: { 200: Type.Object({ counts: Counts, cuts: Counts }, closed), ...refusals },
};

export const refusalRoute: FastifyPluginAsyncTypebox<{ fleet: Fleet }> = async (app, { fleet }) => {
  app.get('/refusals', { schema }, () => ({ counts: fleet.refusals(), cuts: fleet.cuts() }));
};
