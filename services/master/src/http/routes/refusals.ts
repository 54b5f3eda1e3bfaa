import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { refusals } from '../errors.ts';
import { closed, NoQuery } from './schemas.ts';

const Counts = Type.Record(Type.String(), Type.Integer());

const schema = {
  querystring: NoQuery,
  response: { 200: Type.Object({ counts: Counts, cuts: Counts }, closed), ...refusals },
};

export const refusalRoute: FastifyPluginAsyncTypebox<{ fleet: Fleet }> = async (app, { fleet }) => {
  app.get('/refusals', { schema }, () => ({ counts: fleet.refusals(), cuts: fleet.cuts() }));
};
